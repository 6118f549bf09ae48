// Codes of real values, one channel at a time. NaN exceeds no threshold: its code is 0.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {
namespace {

void quantize(const float* x, const float* sign, const float* thresholds, int stride, int channels,
              Word* plane0, Word* plane1) {
  const float* const t0 = thresholds;
  const float* const t1 = t0 + stride;
  const float* const t2 = t1 + stride;
  for (int first = 0; first < channels; first += kWordBits) {
    const int end = channels - first < kWordBits ? channels : first + kWordBits;
    Word low = 0;
    Word high = 0;
    for (int c = first; c < end; ++c) {
      const float value = sign[c] * x[c];
      const int code = (value > t0[c]) + (value > t1[c]) + (value > t2[c]);
      low |= Word(code & 1) << (c - first);
      high |= Word(code >> 1) << (c - first);
    }
    *plane0++ = low;
    *plane1++ = high;
  }
}

}  // namespace

void install_quantize(Kernels& kernels) { kernels.quantize = quantize; }

}  // namespace edgebin::kernels::scalar
