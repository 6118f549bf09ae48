// Codes of integer accumulators, one channel at a time.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {
namespace {

void threshold(const std::int32_t* acc, const std::int32_t* thresholds, int stride, int channels,
               Word* plane0, Word* plane1) {
  const std::int32_t* const t0 = thresholds;
  const std::int32_t* const t1 = t0 + stride;
  const std::int32_t* const t2 = t1 + stride;
  for (int first = 0; first < channels; first += kWordBits) {
    const int end = channels - first < kWordBits ? channels : first + kWordBits;
    Word low = 0;
    Word high = 0;
    for (int n = first; n < end; ++n) {
      const int code = (acc[n] > t0[n]) + (acc[n] > t1[n]) + (acc[n] > t2[n]);
      low |= Word(code & 1) << (n - first);
      high |= Word(code >> 1) << (n - first);
    }
    *plane0++ = low;
    *plane1++ = high;
  }
}

}  // namespace

void install_threshold(Kernels& kernels) { kernels.threshold = threshold; }

}  // namespace edgebin::kernels::scalar
