// Epilogue of sums, eight channels at a time, the channels' constants in registers, four pixels at
// once. No fused multiply-add: each step rounds. The last channels go through the stack.
//
//   instruction     latency  A76 ports  A57, A72 ports   per 8 channels of a pixel
//   sxtl              2        V1         F0 F1            2 (of i16)
//   scvtf             3        V0         F0 F1, two       2 (of integers)
//   fmul, fadd        2-3      V0 V1      F0 F1, two       2, 4
//   eor, and          2        V0 V1      F0 F1            4, 1 (for codes)
//   fcmgt             2        V0 V1      F0 F1, two       6 (for codes)
//   sli               2        V1         F1, twice        4 (for codes)
//   addp              2        V0 V1      F0 F1            1 (for codes)
//   ldr, str (16 B)   5        L01, D     L, S             1 to 4, 2
//   Bottleneck: the vector operations: with codes, of i16, 13 cycles; on A57 and A72, where floats
//   in full registers take both ports, 22.
//
// The bits of a code are those of threshold.cc. A comparison with NaN is false: it exceeds no
// threshold.
#include <arm_neon.h>

#include "kernels/kernels.h"

#include "kernels/generic/code_planes.h"

namespace edgebin::kernels::neon {
namespace {

constexpr int kLanes = 8;
constexpr int kPixels = 4;  // side by side, to hide latencies

struct Eight {
  float32x4_t a, b;
};

inline Eight load(const float* at) { return {vld1q_f32(at), vld1q_f32(at + 4)}; }

inline Eight load(const std::int16_t* at) {
  const int16x8_t sums = vld1q_s16(at);
  return {vcvtq_f32_s32(vmovl_s16(vget_low_s16(sums))), vcvtq_f32_s32(vmovl_high_s16(sums))};
}

inline Eight load(const std::int32_t* at) {
  return {vcvtq_f32_s32(vld1q_s32(at)), vcvtq_f32_s32(vld1q_s32(at + 4))};
}

inline void store(float* at, const Eight& values) {
  vst1q_f32(at, values.a);
  vst1q_f32(at + 4, values.b);
}

// kWhole: all eight lanes are channels. If not, the first `count` are, and the others read as zero.
template <bool kWhole, class T>
Eight load_first(const T* at, int count) {
  if constexpr (kWhole) return load(at);
  T lanes[kLanes] = {};
  for (int i = 0; i < count; ++i) lanes[i] = at[i];
  return load(lanes);
}

template <bool kWhole>
void store_first(float* at, const Eight& values, int count) {
  if constexpr (kWhole) {
    store(at, values);
    return;
  }
  float lanes[kLanes];
  store(lanes, values);
  for (int i = 0; i < count; ++i) at[i] = lanes[i];
}

inline Eight times(const Eight& x, const Eight& y) {
  return {vmulq_f32(x.a, y.a), vmulq_f32(x.b, y.b)};
}

inline Eight plus(const Eight& x, const Eight& y) {
  return {vaddq_f32(x.a, y.a), vaddq_f32(x.b, y.b)};
}

inline float32x4_t turned(float32x4_t value, float32x4_t sign) {
  return vreinterpretq_f32_u32(
      veorq_u32(vreinterpretq_u32_f32(value), vreinterpretq_u32_f32(sign)));
}

// Masks side by side: channels 0 and 4, 1 and 5, ..
inline uint16x8_t exceeds(const Eight& value, const Eight& t) {
  return vreinterpretq_u16_u32(vsliq_n_u32(vcgtq_f32(value.a, t.a), vcgtq_f32(value.b, t.b), 16));
}

// What codes need of eight channels: of sign the sign bit alone.
struct Coder {
  Eight sign, t0, t1, t2;
  uint16x8_t kept;  // each channel's bit, for both planes; none of those past the last channel

  // Both bits of the codes: those of the low plane in the lower bytes, of the high in the upper.
  uint16x8_t bits(const Eight& y) const {
    const Eight value = {turned(y.a, sign.a), turned(y.b, sign.b)};
    const uint16x8_t high = exceeds(value, t1);
    const uint16x8_t low = veorq_u16(veorq_u16(exceeds(value, t0), exceeds(value, t2)), high);
    return vandq_u16(vsliq_n_u16(low, high, 8), kept);
  }
};

constexpr std::uint16_t kOrder[kLanes] = {0, 4, 1, 5, 2, 6, 3, 7};  // of channels in masks

template <bool kWhole>
Coder make_coder(const float* signs, const float* thresholds, std::ptrdiff_t stride, int count) {
  const float32x4_t minus = vdupq_n_f32(-0.0f);
  const auto sign_bits = [&](float32x4_t sign) {
    return vreinterpretq_f32_u32(
        vandq_u32(vreinterpretq_u32_f32(sign), vreinterpretq_u32_f32(minus)));
  };
  const Eight sign = load_first<kWhole>(signs, count);
  const uint16x8_t channel = vld1q_u16(kOrder);
  const uint16x8_t there = vcltq_u16(channel, vdupq_n_u16(static_cast<std::uint16_t>(count)));
  const uint16x8_t bit = vshlq_u16(vdupq_n_u16(0x0101), vreinterpretq_s16_u16(channel));
  return {{sign_bits(sign.a), sign_bits(sign.b)},
          load_first<kWhole>(thresholds, count),
          load_first<kWhole>(thresholds + stride, count),
          load_first<kWhole>(thresholds + 2 * stride, count),
          vandq_u16(there, bit)};
}

// The bytes of the codes of a step's channels; distances are bytes.
struct Planes {
  std::uint8_t* plane0;
  std::ptrdiff_t step;
  std::ptrdiff_t plane;

  void put_next(std::uint64_t bits) {
    plane0[0] = static_cast<std::uint8_t>(bits);
    plane0[plane] = static_cast<std::uint8_t>(bits >> 8);
    plane0 += step;
  }
};

inline Planes planes_at(const CodesOut& codes, int n) {
  constexpr auto kWordBytes = static_cast<std::ptrdiff_t>(sizeof(Word));
  return {reinterpret_cast<std::uint8_t*>(codes.words) + n / 8, codes.step * kWordBytes,
          codes.plane * kWordBytes};
}

// Planes of four pixels' bytes, two bytes each.
inline std::uint64_t bits_of(uint16x8_t first, uint16x8_t second, uint16x8_t third,
                             uint16x8_t fourth) {
  const uint16x8_t fours = vpaddq_u16(vpaddq_u16(first, second), vpaddq_u16(third, fourth));
  return vgetq_lane_u64(vreinterpretq_u64_u16(vpaddq_u16(fours, fours)), 0);
}

// Walks over the pixels of eight channels. Copies of the task's members: what is stored might be
// the task's.
template <class Sum, bool kWhole, bool kAdds, bool kStores>
struct Walk {
  const Sum* sums;
  const float* added;
  float* y;
  std::ptrdiff_t sum_step;
  std::ptrdiff_t y_step;
  Eight scale, bias;
  int count;

  Walk(const EpilogueTask<Sum>& task, int n, int count_)
      : sums(task.sums + n),
        added(kAdds ? task.added + n : nullptr),
        y(kStores ? task.y + n : nullptr),
        sum_step(task.sum_step),
        y_step(task.y_step),
        count(count_) {
    const float32x4_t one = vdupq_n_f32(1.0f);
    const float32x4_t none = vdupq_n_f32(-0.0f);  // these two change no value
    const bool scales = task.scale != nullptr;
    scale = scales ? load_first<kWhole>(task.scale + n, count) : Eight{one, one};
    bias = scales ? load_first<kWhole>(task.bias + n, count) : Eight{none, none};
  }

  Eight next() {
    Eight value = plus(times(load_first<kWhole>(sums, count), scale), bias);
    sums += sum_step;
    if constexpr (kAdds) {
      value = plus(value, load_first<kWhole>(added, count));
      added += y_step;
    }
    return value;
  }

  void store_next(const Eight& value) {
    if constexpr (!kStores) return;
    store_first<kWhole>(y, value, count);
    y += y_step;
  }
};

template <class Sum, bool kWhole, bool kAdds, bool kStores, bool kCodes>
void eight(const EpilogueTask<Sum>& task, int n, int count) {
  Walk<Sum, kWhole, kAdds, kStores> walk(task, n, count);
  Coder coder;
  Planes to;
  if constexpr (kCodes) {
    coder = make_coder<kWhole>(task.sign + n, task.thresholds + n, task.stride, count);
    to = planes_at(task.codes, n);
  }
  int left = task.pixels;
  for (; left >= kPixels; left -= kPixels) {
    Eight
        values[kPixels];  // loaded before any is stored: a compiler cannot know that they lie apart
    for (Eight& value : values) value = walk.next();
    for (const Eight& value : values) walk.store_next(value);
    if constexpr (kCodes) {
      std::uint64_t bits = bits_of(coder.bits(values[0]), coder.bits(values[1]),
                                   coder.bits(values[2]), coder.bits(values[3]));
      asm("" : "+r"(bits));  // or gcc 12 moves it from its vector again for each part
      for (int p = 0; p < kPixels; ++p) to.put_next(bits >> 16 * p);
    }
  }
  for (; left > 0; --left) {
    const Eight value = walk.next();
    walk.store_next(value);
    if constexpr (kCodes) {
      const uint16x8_t bits = coder.bits(value);
      to.put_next(bits_of(bits, bits, bits, bits));
    }
  }
}

template <class Sum, bool kAdds, bool kStores, bool kCodes>
void epilogue_of(const EpilogueTask<Sum>& task) {
  if (kCodes && task.channels % kWordBits != 0) {
    clear_last_words(task.codes, task.pixels, task.channels);
  }
  int n = 0;
  for (; n + kLanes <= task.channels; n += kLanes) {
    eight<Sum, true, kAdds, kStores, kCodes>(task, n, kLanes);
  }
  if (n < task.channels) {
    eight<Sum, false, kAdds, kStores, kCodes>(task, n, task.channels - n);
  }
}

}  // namespace
}  // namespace edgebin::kernels::neon

#include "kernels/generic/epilogue.h"
