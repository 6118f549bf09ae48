// Pooling windows, eight channels at a time; the last ones are masked.
//
//   instruction   latency  Zen 4 ports  Skylake ports   per 8 channels and tap
//   load             -      load         p23             1
//   vmaxps          1-4     FP01         p01             1 (max)
//   vaddps          3-4     FP23         p01             1 (mean)
//   Bottleneck: the loads; the latency of vaddps, which four vectors side by side hide.
//
// vmaxps gives its second operand unless the first is greater: NaN never wins.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kLanes = 8;

inline __m256 lowest() { return _mm256_set1_ps(-__builtin_inff()); }
inline __m256 zero() { return _mm256_setzero_ps(); }
inline __m256 broadcast(float value) { return _mm256_set1_ps(value); }
inline __m256 larger(__m256 value, __m256 running) { return _mm256_max_ps(value, running); }
inline __m256 add(__m256 a, __m256 b) { return _mm256_add_ps(a, b); }
inline __m256 divide(__m256 a, __m256 b) { return _mm256_div_ps(a, b); }

inline __m256i larger(__m256i a, __m256i b) { return _mm256_max_epi32(a, b); }
inline __m256i bit_xor(__m256i a, __m256i b) { return _mm256_xor_si256(a, b); }

struct Whole {
  static __m256 load(const float* at) { return _mm256_loadu_ps(at); }
  static void store(float* at, __m256 value) { _mm256_storeu_ps(at, value); }
  static __m256i load(const std::int32_t* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  }
  static void store(std::int32_t* at, __m256i value) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), value);
  }
};

struct Last {
  static constexpr int kChannels = kLanes;
  __m256i lanes;
  explicit Last(int count)
      : lanes(_mm256_cmpgt_epi32(_mm256_set1_epi32(count),
                                 _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))) {}
  __m256 load(const float* at) const { return _mm256_maskload_ps(at, lanes); }
  void store(float* at, __m256 value) const { _mm256_maskstore_ps(at, lanes, value); }
  __m256i load(const std::int32_t* at) const { return _mm256_maskload_epi32(at, lanes); }
  void store(std::int32_t* at, __m256i value) const { _mm256_maskstore_epi32(at, lanes, value); }
};

}  // namespace
}  // namespace edgebin::kernels::avx2

#include "kernels/generic/pool.h"
