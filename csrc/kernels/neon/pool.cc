// Windows of pools, four channels at a time, sixteen where there are as many.
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

struct Max {
  static float32x4_t start() { return vdupq_n_f32(-__builtin_inff()); }
  static float32x4_t take(float32x4_t running, float32x4_t value) {
    return vbslq_f32(vcgtq_f32(value, running), value, running);
  }
  static float32x4_t finish(float32x4_t running) { return running; }
};

struct Mean {
  float32x4_t divisor;
  static float32x4_t start() { return vdupq_n_f32(0.0f); }
  static float32x4_t take(float32x4_t running, float32x4_t value) {
    return vaddq_f32(running, value);
  }
  float32x4_t finish(float32x4_t running) const { return vdivq_f32(running, divisor); }
};

template <int kVectors, class Reduce>
void vectors(const float* const* taps, int count, int c, const Reduce& reduce, float* y) {
  float32x4_t running[kVectors];
  for (int v = 0; v < kVectors; ++v) running[v] = Reduce::start();
  for (int t = 0; t < count; ++t) {
    const float* const at = taps[t] + c;
    for (int v = 0; v < kVectors; ++v) {
      running[v] = Reduce::take(running[v], vld1q_f32(at + v * kLanes));
    }
  }
  for (int v = 0; v < kVectors; ++v) vst1q_f32(y + c + v * kLanes, reduce.finish(running[v]));
}

// Fewer channels than a vector's, one at a time.
template <class Reduce>
void last_channels(const float* const* taps, int count, int c, int channels, const Reduce& reduce,
                   float* y) {
  for (; c < channels; ++c) {
    float32x4_t running = Reduce::start();
    for (int t = 0; t < count; ++t) running = Reduce::take(running, vld1q_dup_f32(taps[t] + c));
    vst1q_lane_f32(y + c, reduce.finish(running), 0);
  }
}

template <class Reduce>
void pool(const float* const* taps, int count, int channels, const Reduce& reduce, float* y) {
  int c = 0;
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) vectors<4>(taps, count, c, reduce, y);
  for (; c + kLanes <= channels; c += kLanes) vectors<1>(taps, count, c, reduce, y);
  last_channels(taps, count, c, channels, reduce, y);
}

template <int kVectors>
void sums(const std::int32_t* const* taps, int count, int c, const std::int32_t* turn,
          std::int32_t* y) {
  int32x4_t turned[kVectors];
  int32x4_t running[kVectors];
  const auto tap = [&](int t, int v) {
    return veorq_s32(vld1q_s32(taps[t] + c + v * kLanes), turned[v]);
  };
  for (int v = 0; v < kVectors; ++v) {
    turned[v] = vld1q_s32(turn + c + v * kLanes);
    running[v] = tap(0, v);
  }
  for (int t = 1; t < count; ++t) {
    for (int v = 0; v < kVectors; ++v) running[v] = vmaxq_s32(running[v], tap(t, v));
  }
  for (int v = 0; v < kVectors; ++v) {
    vst1q_s32(y + c + v * kLanes, veorq_s32(running[v], turned[v]));
  }
}

void last_sums(const std::int32_t* const* taps, int count, int c, int channels,
               const std::int32_t* turn, std::int32_t* y) {
  for (; c < channels; ++c) {
    const int32x4_t turned = vld1q_dup_s32(turn + c);
    int32x4_t running = veorq_s32(vld1q_dup_s32(taps[0] + c), turned);
    for (int t = 1; t < count; ++t) {
      running = vmaxq_s32(running, veorq_s32(vld1q_dup_s32(taps[t] + c), turned));
    }
    vst1q_lane_s32(y + c, veorq_s32(running, turned), 0);
  }
}

void max_sum(const std::int32_t* const* taps, int count, int channels, const std::int32_t* turn,
             std::int32_t* y) {
  int c = 0;
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) sums<4>(taps, count, c, turn, y);
  for (; c + kLanes <= channels; c += kLanes) sums<1>(taps, count, c, turn, y);
  last_sums(taps, count, c, channels, turn, y);
}

void max(const float* const* taps, int count, int channels, float* y) {
  pool(taps, count, channels, Max{}, y);
}

void mean(const float* const* taps, int count, int channels, float divisor, float* y) {
  pool(taps, count, channels, Mean{vdupq_n_f32(divisor)}, y);
}

}  // namespace

void install_pool(Kernels& kernels) {
  kernels.max = max;
  kernels.max_sum = max_sum;
  kernels.mean = mean;
}

}  // namespace edgebin::kernels::neon
