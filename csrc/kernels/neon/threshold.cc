// Codes of integer sums, 16 channels at a time, the channels' thresholds in registers, two pixels at
// once.
//
//   instruction     latency  A57, A72 ports  A76 ports   per 16 channels of a pixel, i16 (i32)
//   cmgt              3        F0 F1           V0 V1       6 (12)
//   uzp1              3        F0 F1           V0 V1       3 (9)
//   eor, and          3        F0 F1           V0 V1       4
//   addp              3        F0 F1           V0 V1       1.75
//   ldr (16 B)        5        L               L0 L1       2 (4)
//   umov, strh        -        L, S            V1, L01 D   1/2, 2
//   Bottleneck: the vector operations, two a cycle: 7.4 (13.4) cycles.
//
// With e[j] = [sum > t[j]] and ascending thresholds e[0] >= e[1] >= e[2], and the code is their
// number: its low bit is e[0] ^ e[1] ^ e[2], its high bit e[1]. Masks of bytes become bits by
// keeping bit i of the byte of channel i mod 8, and adding neighbours three times.
#include <arm_neon.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::neon {
namespace {

constexpr int kChannels = 16;
constexpr int kPixels = 4;  // side by side, to hide latencies
constexpr std::uint8_t kLane[kChannels] = {0, 1, 2,  3,  4,  5,  6,  7,
                                           8, 9, 10, 11, 12, 13, 14, 15};
constexpr std::uint8_t kBit[kChannels] = {1, 2, 4, 8, 16, 32, 64, 128,
                                          1, 2, 4, 8, 16, 32, 64, 128};

// What 32-bit ARM lacks: the lower halves of all lanes, and sums of neighbours.
#ifdef __aarch64__
inline uint16x8_t narrowed(uint32x4_t a, uint32x4_t b) {
  return vuzp1q_u16(vreinterpretq_u16_u32(a), vreinterpretq_u16_u32(b));
}
inline uint8x16_t narrowed(uint16x8_t a, uint16x8_t b) {
  return vuzp1q_u8(vreinterpretq_u8_u16(a), vreinterpretq_u8_u16(b));
}
inline uint8x16_t pairs(uint8x16_t a, uint8x16_t b) { return vpaddq_u8(a, b); }
#else
inline uint16x8_t narrowed(uint32x4_t a, uint32x4_t b) {
  return vcombine_u16(vmovn_u32(a), vmovn_u32(b));
}
inline uint8x16_t narrowed(uint16x8_t a, uint16x8_t b) {
  return vcombine_u8(vmovn_u16(a), vmovn_u16(b));
}
inline uint8x16_t pairs(uint8x16_t a, uint8x16_t b) {
  return vcombine_u8(vpadd_u8(vget_low_u8(a), vget_high_u8(a)),
                     vpadd_u8(vget_low_u8(b), vget_high_u8(b)));
}
#endif

// Sixteen channels of sums or of thresholds.
template <class Sum>
struct Sixteen;

template <>
struct Sixteen<std::int16_t> {
  int16x8_t a, b;
  explicit Sixteen(const std::int16_t* at) : a(vld1q_s16(at)), b(vld1q_s16(at + 8)) {}
  uint8x16_t exceeds(const Sixteen& t) const {
    return narrowed(vcgtq_s16(a, t.a), vcgtq_s16(b, t.b));
  }
};

template <>
struct Sixteen<std::int32_t> {
  int32x4_t a, b, c, d;
  explicit Sixteen(const std::int32_t* at)
      : a(vld1q_s32(at)), b(vld1q_s32(at + 4)), c(vld1q_s32(at + 8)), d(vld1q_s32(at + 12)) {}
  uint8x16_t exceeds(const Sixteen& t) const {
    return narrowed(narrowed(vcgtq_s32(a, t.a), vcgtq_s32(b, t.b)),
                    narrowed(vcgtq_s32(c, t.c), vcgtq_s32(d, t.d)));
  }
};

template <class Sum>
struct Thresholds {
  Sixteen<Sum> t0, t1, t2;
  uint8x16_t kept;  // of each channel's byte; nothing of those past the last channel
};

// Both bits of a pixel's codes, still in bytes: neighbours of the low bits added, then of the high.
template <class Sum>
inline uint8x16_t bits_of(const Sum* sums, const Thresholds<Sum>& thresholds) {
  const Sixteen<Sum> sum(sums);
  const uint8x16_t high = sum.exceeds(thresholds.t1);
  const uint8x16_t low =
      veorq_u8(veorq_u8(sum.exceeds(thresholds.t0), sum.exceeds(thresholds.t2)), high);
  return pairs(vandq_u8(low, thresholds.kept), vandq_u8(high, thresholds.kept));
}

// The bytes of the codes of a step's channels; distances are bytes.
struct Planes {
  std::uint8_t* plane0;
  std::ptrdiff_t step;
  std::ptrdiff_t plane;

  void put_next(std::uint64_t bits) {
    const auto low = static_cast<std::uint16_t>(bits);
    const auto high = static_cast<std::uint16_t>(bits >> 16);
    __builtin_memcpy(plane0, &low, sizeof low);
    __builtin_memcpy(plane0 + plane, &high, sizeof high);
    plane0 += step;
  }

  void put_next_two(std::uint64_t bits) {
    asm("" : "+r"(bits));  // or gcc 12 moves it from its vector again for each part
    put_next(bits);
    put_next(bits >> 32);
  }
};

template <class Sum>
void sixteen(const ThresholdTask<Sum>& task, int n, uint8x16_t kept, Planes to) {
  // Copies: what is stored might be the task's.
  const Sum* sums = task.sums + n;
  const std::ptrdiff_t sum_step = task.sum_step;
  const Sum* const t = task.thresholds + n;
  const Thresholds<Sum> thresholds = {Sixteen<Sum>(t), Sixteen<Sum>(t + task.stride),
                                      Sixteen<Sum>(t + 2 * task.stride), kept};
  const auto next = [&] {
    const uint8x16_t bits = bits_of(sums, thresholds);
    sums += sum_step;
    return bits;
  };
  int left = task.pixels;
  for (; left >= kPixels; left -= kPixels) {
    const uint8x16_t first = next();
    const uint8x16_t second = next();
    const uint8x16_t third = next();
    const uint8x16_t fours = pairs(third, next());
    const uint64x2_t bits = vreinterpretq_u64_u8(pairs(pairs(first, second), fours));
    to.put_next_two(vgetq_lane_u64(bits, 0));
    to.put_next_two(vgetq_lane_u64(bits, 1));
  }
  for (; left > 0; --left) {
    const uint8x16_t only = next();
    const uint8x16_t fours = pairs(only, only);
    to.put_next(vgetq_lane_u64(vreinterpretq_u64_u8(pairs(fours, fours)), 0));
  }
}

// Zeros in the last word of each plane, for whose channels there may be no step.
void clear_last_words(const CodesOut& codes, int pixels, int channels) {
  const int last = (channels - 1) / kWordBits;
  for (int p = 0; p < pixels; ++p) {
    Word* const plane0 = codes.words + p * codes.step + last;
    plane0[0] = 0;
    plane0[codes.plane] = 0;
  }
}

template <class Sum>
void threshold(const ThresholdTask<Sum>& task) {
  if (task.channels % kWordBits != 0) clear_last_words(task.codes, task.pixels, task.channels);
  constexpr auto kWordBytes = static_cast<std::ptrdiff_t>(sizeof(Word));
  for (int n = 0; n < task.channels; n += kChannels) {
    const int left = task.channels - n < kChannels ? task.channels - n : kChannels;
    const uint8x16_t kept = vandq_u8(
        vld1q_u8(kBit), vcgtq_u8(vdupq_n_u8(static_cast<std::uint8_t>(left)), vld1q_u8(kLane)));
    sixteen(task, n, kept,
            {reinterpret_cast<std::uint8_t*>(task.codes.words) + n / 8,
             task.codes.step * kWordBytes, task.codes.plane * kWordBytes});
  }
}

}  // namespace

void install_threshold(Kernels& kernels) {
  kernels.threshold_i16 = threshold<std::int16_t>;
  kernels.threshold_i32 = threshold<std::int32_t>;
}

}  // namespace edgebin::kernels::neon
