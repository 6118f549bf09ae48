// Epilogue of sums, one at a time. A comparison with NaN is false: its code is 0.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {
namespace {

template <class Sum>
float value_of(const EpilogueTask<Sum>& task, std::ptrdiff_t p, int n) {
  auto value = static_cast<float>(task.sums[p * task.sum_step + n]);
  if (task.scale != nullptr) value = value * task.scale[n] + task.bias[n];
  if (task.added != nullptr) value = value + task.added[p * task.y_step + n];
  return value;
}

template <class Sum>
int code_of(const EpilogueTask<Sum>& task, int n, float value) {
  const float* const t = task.thresholds + n;
  const float signed_value = task.sign[n] * value;
  return (signed_value > t[0]) + (signed_value > t[task.stride]) +
         (signed_value > t[2 * task.stride]);
}

template <class Sum>
void epilogue(const EpilogueTask<Sum>& task) {
  for (int p = 0; p < task.pixels; ++p) {
    Word* plane0 = task.codes.words + p * task.codes.step;
    Word* plane1 = plane0 + task.codes.plane;
    for (int first = 0; first < task.channels; first += kWordBits) {
      const int end = task.channels - first < kWordBits ? task.channels : first + kWordBits;
      Word low = 0;
      Word high = 0;
      for (int n = first; n < end; ++n) {
        const float value = value_of(task, p, n);
        if (task.y != nullptr) task.y[p * task.y_step + n] = value;
        if (task.sign == nullptr) continue;
        const int code = code_of(task, n, value);
        low |= Word(code & 1) << (n - first);
        high |= Word(code >> 1) << (n - first);
      }
      if (task.sign == nullptr) continue;
      *plane0++ = low;
      *plane1++ = high;
    }
  }
}

}  // namespace

void install_epilogue(Kernels& kernels) {
  kernels.epilogue_i16 = epilogue<std::int16_t>;
  kernels.epilogue_i32 = epilogue<std::int32_t>;
  kernels.epilogue_f32 = epilogue<float>;
}

}  // namespace edgebin::kernels::scalar
