// Pooling windows, four channels at a time, sixteen where there are as many.
//
//   instruction    latency  A57, A72 ports  A76 ports   per 4 channels and tap
//   ldr (16 B)        5        L               L0 L1       1
//   fcmgt, bit        3        F0 F1           V0 V1       1, 1 (max)
//   fadd             2-4       F0 F1           V0 V1       1 (mean)
//   eor, smax         3        F0 F1           V0 V1       1, 1 (sums)
//   Bottleneck: the loads; the latencies, which four vectors side by side hide.
//
// Not FMAX, which gives NaN where there is one: a comparison with it is false, so it never wins.
#include <arm_neon.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::neon {
namespace {

constexpr int kLanes = 4;

inline float32x4_t lowest() { return vdupq_n_f32(-__builtin_inff()); }
inline float32x4_t zero() { return vdupq_n_f32(0.0f); }
inline float32x4_t broadcast(float value) { return vdupq_n_f32(value); }
inline float32x4_t larger(float32x4_t value, float32x4_t running) {
  return vbslq_f32(vcgtq_f32(value, running), value, running);
}
inline float32x4_t add(float32x4_t a, float32x4_t b) { return vaddq_f32(a, b); }
inline float32x4_t divide(float32x4_t a, float32x4_t b) { return vdivq_f32(a, b); }

inline int32x4_t larger(int32x4_t a, int32x4_t b) { return vmaxq_s32(a, b); }
inline int32x4_t bit_xor(int32x4_t a, int32x4_t b) { return veorq_s32(a, b); }

struct Whole {
  static float32x4_t load(const float* at) { return vld1q_f32(at); }
  static void store(float* at, float32x4_t value) { vst1q_f32(at, value); }
  static int32x4_t load(const std::int32_t* at) { return vld1q_s32(at); }
  static void store(std::int32_t* at, int32x4_t value) { vst1q_s32(at, value); }
};

// One at a time.
struct Last {
  static constexpr int kChannels = 1;
  explicit Last(int) {}
  static float32x4_t load(const float* at) { return vld1q_dup_f32(at); }
  static void store(float* at, float32x4_t value) { vst1q_lane_f32(at, value, 0); }
  static int32x4_t load(const std::int32_t* at) { return vld1q_dup_s32(at); }
  static void store(std::int32_t* at, int32x4_t value) { vst1q_lane_s32(at, value, 0); }
};

}  // namespace
}  // namespace edgebin::kernels::neon

#include "kernels/generic/pool.h"
