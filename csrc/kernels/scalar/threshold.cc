// Codes of integer sums, one at a time.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {
namespace {

template <class Sum>
void threshold(const ThresholdTask<Sum>& task) {
  const Sum* const t0 = task.thresholds;
  const Sum* const t1 = t0 + task.stride;
  const Sum* const t2 = t1 + task.stride;
  for (int p = 0; p < task.pixels; ++p) {
    const Sum* const sums = task.sums + p * task.sum_step;
    Word* plane0 = task.codes.words + p * task.codes.step;
    Word* plane1 = plane0 + task.codes.plane;
    for (int first = 0; first < task.channels; first += kWordBits) {
      const int end = task.channels - first < kWordBits ? task.channels : first + kWordBits;
      Word low = 0;
      Word high = 0;
      for (int n = first; n < end; ++n) {
        const int code = (sums[n] > t0[n]) + (sums[n] > t1[n]) + (sums[n] > t2[n]);
        low |= Word(code & 1) << (n - first);
        high |= Word(code >> 1) << (n - first);
      }
      *plane0++ = low;
      *plane1++ = high;
    }
  }
}

}  // namespace

void install_threshold(Kernels& kernels) {
  kernels.threshold_i16 = threshold<std::int16_t>;
  kernels.threshold_i32 = threshold<std::int32_t>;
}

}  // namespace edgebin::kernels::scalar
