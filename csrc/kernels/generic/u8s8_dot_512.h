// u8s8_dot.h on vpdpbusd of 512 bits. The folder's u8s8.cc defines the sizes that it asks for, and
// includes <immintrin.h>; the rest stands here.
#ifndef EDGEBIN_KERNELS_GENERIC_U8S8_DOT_512_H_
#define EDGEBIN_KERNELS_GENERIC_U8S8_DOT_512_H_

#include <cstdint>

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

using Sums = __m512i;

inline Sums zeros() { return _mm512_setzero_si512(); }
inline Sums load_weights(const std::int8_t* weights) { return _mm512_loadu_si512(weights); }
inline Sums broadcast(std::int32_t four) { return _mm512_set1_epi32(four); }
inline Sums dot(Sums sums, Sums inputs, Sums weights) {
  return _mm512_dpbusd_epi32(sums, inputs, weights);
}
inline void store(std::int32_t* acc, Sums sums) { _mm512_storeu_si512(acc, sums); }

}  // namespace
}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#include "kernels/generic/u8s8_dot.h"

#endif  // EDGEBIN_KERNELS_GENERIC_U8S8_DOT_512_H_
