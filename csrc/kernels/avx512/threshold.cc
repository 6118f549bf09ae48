// Codes of integer sums, a vector of channels per comparison, pixel after pixel. Comparisons give
// mask registers, which are the bits of the planes; those of the last channels are masked.
//
//   instruction     latency  Zen 4 ports  Ice Lake ports   per vector
//   vpcmpgt k          3-5    FP01         p5               3
//   kmov to memory     -      -            p0, store        2
//   Bottleneck: the comparisons: on Zen 4, with 256-bit ports, 3 cycles.
//
// With e[j] = [sum > t[j]] and ascending thresholds, e[0] >= e[1] >= e[2], and the code is their
// number: its high bit is e[1], its low bit (e[0] and not e[1]) or e[2].
#include <immintrin.h>

#include "kernels/kernels.h"

#include "kernels/generic/code_planes.h"

namespace edgebin::kernels::avx512 {
namespace {

struct OfI16 {
  using Sum = std::int16_t;
  using Mask = __mmask32;
  static Mask exceeds(Mask lanes, __m512i sums, __m512i t) {
    return _mm512_mask_cmpgt_epi16_mask(lanes, sums, t);
  }
};

struct OfI32 {
  using Sum = std::int32_t;
  using Mask = __mmask16;
  static Mask exceeds(Mask lanes, __m512i sums, __m512i t) {
    return _mm512_mask_cmpgt_epi32_mask(lanes, sums, t);
  }
};

template <class Of>
void threshold(const ThresholdTask<typename Of::Sum>& task) {
  using Mask = typename Of::Mask;
  constexpr int kLanes = 8 * sizeof(Mask);
  for (int n = 0; n < task.channels; n += kLanes) {
    const int left = task.channels - n;
    const auto lanes = static_cast<Mask>(left >= kLanes ? ~0u : (1u << left) - 1);
    const bool last = left <= kLanes;
    const __m512i t0 = _mm512_loadu_si512(task.thresholds + n);
    const __m512i t1 = _mm512_loadu_si512(task.thresholds + task.stride + n);
    const __m512i t2 = _mm512_loadu_si512(task.thresholds + 2 * task.stride + n);
    auto* plane0 = reinterpret_cast<unsigned char*>(task.codes.words) + n / 8;
    auto* plane1 = plane0 + task.codes.plane * std::ptrdiff_t{sizeof(Word)};
    for (int p = 0; p < task.pixels; ++p) {
      const __m512i sum = _mm512_loadu_si512(task.sums + p * task.sum_step + n);
      const Mask e0 = Of::exceeds(lanes, sum, t0);
      const Mask high = Of::exceeds(lanes, sum, t1);
      const Mask e2 = Of::exceeds(lanes, sum, t2);
      store_bits(static_cast<Mask>((e0 & ~high) | e2), plane0, n, last);
      store_bits(high, plane1, n, last);
      plane0 += task.codes.step * std::ptrdiff_t{sizeof(Word)};
      plane1 += task.codes.step * std::ptrdiff_t{sizeof(Word)};
    }
  }
}

}  // namespace

void install_threshold(Kernels& kernels) {
  kernels.threshold_i16 = threshold<OfI16>;
  kernels.threshold_i32 = threshold<OfI32>;
}

}  // namespace edgebin::kernels::avx512
