// Single-precision product. Lanes are output channels, so that each channel keeps the order of
// FORMAT.md: k ascending, a product rounded, a sum rounded.
//
//   instruction       latency  A76 ports  A57, A72 ports    per 16 channels x 1 k of a pixel
//   fmul (element)       3       V0 V1      F0 and F1          4
//   fadd                 2       V0 V1      F0 and F1          4
//   ldr                  5       L0 L1      L                  4/3 of weights (three pixels share
//                                                              them), 1 of the row
//   Bottleneck: fmul and fadd: on A76 two a cycle, 4 MAC/cycle; on A57 and A72, where a full vector
//   of floats takes both ports, one: 2 MAC/cycle.
#include <arm_neon.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::neon {
namespace {

using Vector = float32x4_t;

constexpr int kLanes = 4;
constexpr int kRows = 3;  // with four, gcc 12 spills sums

inline Vector zero() { return vdupq_n_f32(0.0f); }
inline Vector load(const float* at) { return vld1q_f32(at); }
inline void store(float* at, Vector value) { vst1q_f32(at, value); }
inline float broadcast(const float* at) { return *at; }  // multiplied by element
inline Vector multiply(float x, Vector weights) { return vmulq_n_f32(weights, x); }
inline Vector add(Vector a, Vector b) { return vaddq_f32(a, b); }

}  // namespace
}  // namespace edgebin::kernels::neon

#include "kernels/generic/f32.h"
