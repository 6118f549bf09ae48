// Depthwise convolution of f32, four channels at a time.
//
//   instruction      latency  A57, A72 ports  A76 ports   per 4 channels and tap of a pixel
//   ldr (16 B)          5        L               L0 L1       1
//   fmul                3        F0 and F1       V0 V1       1
//   fadd                2-4      F0 and F1       V0 V1       1
//   Bottleneck: fmul and fadd: 4 MAC/cycle on A76; 2 on A57 and A72, where a full vector of floats
//   takes both ports.
//
// Not FMLA: each product is rounded.
#include <arm_neon.h>

#include "kernels/kernels.h"

#include "kernels/generic/depthwise.h"

namespace edgebin::kernels::neon {
namespace {

struct Whole {
  static constexpr int kChannels = 4;
  static constexpr int kPixels = 8;
  using Sums = float32x4_t;

  explicit Whole(int) {}
  static Sums zero() { return vdupq_n_f32(0.0f); }
  static float32x4_t weights(const float* at) { return vld1q_f32(at); }
  static Sums add(Sums sums, const float* at, float32x4_t weights) {
    return vaddq_f32(sums, vmulq_f32(weights, vld1q_f32(at)));
  }
  template <bool kAdds>
  static void store(float* to, Sums sums) {
    vst1q_f32(to, sums);
  }
};

// One at a time.
struct Last {
  static constexpr int kChannels = 1;
  using Sums = float;

  explicit Last(int) {}
  static Sums zero() { return 0.0f; }
  static float weights(const float* at) { return *at; }
  static Sums add(Sums sums, const float* at, float weights) { return sums + weights * *at; }
  template <bool kAdds>
  static void store(float* to, Sums sums) {
    *to = sums;
  }
};

void depthwise_f32(const DepthwiseF32Task& task) { depthwise<false, Whole, Last>(task); }

}  // namespace

void install_depthwise_f32(Kernels& kernels) { kernels.depthwise_f32 = depthwise_f32; }

}  // namespace edgebin::kernels::neon
