// Reductions and normalizations, four f32 or two f64 at a time; the last channels one at a time.
//
//   instruction    latency  A57, A72 ports  A76 ports   per 4 elements
//   ldr (16 B)        5        L               L0 L1       1
//   fadd             2-4       F0 F1           V0 V1       1 (sum)
//   fcmgt, bit        3        F0 F1           V0 V1       1, 1 (max), 1, 2 (argmax)
//   fdiv            10-17      F0              V0          1 (l2_normalize)
//   fcvtl            3-5       F0 F1           V0          2 (f64), and as many fsub, fmul
//   Bottleneck: memory, and fcvtl where sums are of f64.
//
// Not FMAX, which gives NaN where there is one: a comparison with it is false, so it never wins.
#include <arm_neon.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::neon {
namespace {

constexpr int kLanes = 4;
constexpr int kWide = 2;
using Floats = float32x4_t;
using Doubles = float64x2_t;

inline Floats broadcast(float value) { return vdupq_n_f32(value); }
inline Doubles broadcast(double value) { return vdupq_n_f64(value); }
inline Floats larger(Floats value, Floats running) {
  return vbslq_f32(vcgtq_f32(value, running), value, running);
}

struct Best {
  Floats values = broadcast(-__builtin_inff());
  Floats at = broadcast(0.0f);
  void take(Floats value, Floats value_at) {
    const uint32x4_t takes = vcgtq_f32(value, values);
    values = vbslq_f32(takes, value, values);
    at = vbslq_f32(takes, value_at, at);
  }
};

struct Whole {
  static constexpr int kChannels = kLanes;
  static Floats load(const float* at) { return vld1q_f32(at); }
  static void store(float* at, Floats value) { vst1q_f32(at, value); }
};

// One at a time, as in LastWide.
struct Last {
  static constexpr int kChannels = 1;
  explicit Last(int) {}
  static Floats load(const float* at) { return vld1q_dup_f32(at); }
  static void store(float* at, Floats value) { vst1q_lane_f32(at, value, 0); }
};

struct WholeWide {
  static constexpr int kChannels = kWide;
  static Doubles load(const double* at) { return vld1q_f64(at); }
  static void store(double* at, Doubles value) { vst1q_f64(at, value); }
  static Doubles widen(const float* at) { return vcvt_f64_f32(vld1_f32(at)); }
  static void narrow(float* at, Doubles value) { vst1_f32(at, vcvt_f32_f64(value)); }
};

struct LastWide {
  static constexpr int kChannels = 1;
  explicit LastWide(int) {}
  static Doubles load(const double* at) { return vld1q_dup_f64(at); }
  static void store(double* at, Doubles value) { vst1q_lane_f64(at, value, 0); }
  static Doubles widen(const float* at) { return vcvt_f64_f32(vld1_dup_f32(at)); }
  static void narrow(float* at, Doubles value) { vst1_lane_f32(at, vcvt_f32_f64(value), 0); }
};

}  // namespace
}  // namespace edgebin::kernels::neon

#include "kernels/generic/reduce.h"
