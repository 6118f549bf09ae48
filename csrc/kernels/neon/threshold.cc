// Codes of integer sums, 16 channels at a time, the channels' thresholds in registers, four pixels
// at once.
//
//   instruction     latency  A76 ports  A57, A72 ports   per 16 channels of a pixel, i16 (i32)
//   cmgt              2        V0 V1      F0 F1            6 (12)
//   sli               2        V1         F1, twice        3 (9)
//   eor, and          2        V0 V1      F0 F1            4
//   addp              2        V0 V1      F0 F1            1.75
//   ldr (16 B)        5        L0 L1      L                2 (4)
//   fmov, strh        -        V1, L01 D  L, S             1/2, 2
//   Bottleneck: the vector operations, two a cycle: 7.4 (13.4) cycles; on A57 and A72, where a
//   shift that inserts takes two of them, 8.9 (18).
//
// With e[j] = [sum > t[j]] and ascending thresholds, e[0] >= e[1] >= e[2], and the code is their
// number: its low bit is e[0] ^ e[1] ^ e[2], its high bit e[1]. Masks of 16 channels are packed
// into bytes side by side, channel n beside channel n + 8. Then each byte keeps its channel's bit,
// and the sum of the eight lanes of 16 bits is what a plane gets.
#include <arm_neon.h>

#include "kernels/kernels.h"

#include "kernels/generic/code_planes.h"

namespace edgebin::kernels::neon {
namespace {

constexpr int kChannels = 16;
constexpr int kPixels = 4;  // side by side, to hide latencies

// What 32-bit ARM lacks: sums of neighbours.
#ifdef __aarch64__
inline uint16x8_t pairs(uint16x8_t a, uint16x8_t b) { return vpaddq_u16(a, b); }
#else
inline uint16x8_t pairs(uint16x8_t a, uint16x8_t b) {
  return vcombine_u16(vpadd_u16(vget_low_u16(a), vget_high_u16(a)),
                      vpadd_u16(vget_low_u16(b), vget_high_u16(b)));
}
#endif

// Masks side by side: the lower halves of a's lanes, the upper ones of b's. (As bits chosen by a
// constant, clang would make three instructions of it.)
inline uint16x8_t side_by_side(uint32x4_t a, uint32x4_t b) {
  return vreinterpretq_u16_u32(vsliq_n_u32(a, b, 16));
}
inline uint16x8_t side_by_side(uint16x8_t a, uint16x8_t b) { return vsliq_n_u16(a, b, 8); }

// Sixteen channels of sums or of thresholds. kOrder: the channels of the bytes of their masks; the
// first eight are at the even bytes.
template <class Sum>
struct Sixteen;

template <>
struct Sixteen<std::int16_t> {
  static constexpr std::uint8_t kOrder[kChannels] = {0, 8,  1, 9,  2, 10, 3, 11,
                                                     4, 12, 5, 13, 6, 14, 7, 15};
  int16x8_t a, b;
  explicit Sixteen(const std::int16_t* at) : a(vld1q_s16(at)), b(vld1q_s16(at + 8)) {}
  uint16x8_t exceeds(const Sixteen& t) const {
    return side_by_side(vcgtq_s16(a, t.a), vcgtq_s16(b, t.b));
  }
};

template <>
struct Sixteen<std::int32_t> {
  static constexpr std::uint8_t kOrder[kChannels] = {0, 8,  4, 12, 1, 9,  5, 13,
                                                     2, 10, 6, 14, 3, 11, 7, 15};
  int32x4_t a, b, c, d;
  explicit Sixteen(const std::int32_t* at)
      : a(vld1q_s32(at)), b(vld1q_s32(at + 4)), c(vld1q_s32(at + 8)), d(vld1q_s32(at + 12)) {}
  uint16x8_t exceeds(const Sixteen& t) const {
    return side_by_side(side_by_side(vcgtq_s32(a, t.a), vcgtq_s32(b, t.b)),
                        side_by_side(vcgtq_s32(c, t.c), vcgtq_s32(d, t.d)));
  }
};

// The bit of each byte's channel in its byte of a plane; none of channels past the last one.
template <class Sum>
inline uint16x8_t kept_bits(int channels) {
  const uint8x16_t channel = vld1q_u8(Sixteen<Sum>::kOrder);
  const uint8x16_t there = vcgtq_u8(vdupq_n_u8(static_cast<std::uint8_t>(channels)), channel);
  const uint8x16_t bit = vandq_u8(channel, vdupq_n_u8(7));
  return vreinterpretq_u16_u8(vandq_u8(there, vshlq_u8(vdupq_n_u8(1), vreinterpretq_s8_u8(bit))));
}

template <class Sum>
struct Thresholds {
  Sixteen<Sum> t0, t1, t2;
  uint16x8_t kept;  // kept_bits
};

// Both bits of a pixel's codes: neighbours of the low bits added, then of the high.
template <class Sum>
inline uint16x8_t bits_of(const Sum* sums, const Thresholds<Sum>& thresholds) {
  const Sixteen<Sum> sum(sums);
  const uint16x8_t high = sum.exceeds(thresholds.t1);
  const uint16x8_t low =
      veorq_u16(veorq_u16(sum.exceeds(thresholds.t0), sum.exceeds(thresholds.t2)), high);
  return pairs(vandq_u16(low, thresholds.kept), vandq_u16(high, thresholds.kept));
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
void sixteen(const ThresholdTask<Sum>& task, int n, Planes to) {
  const int channels = task.channels - n;
  // Copies: what is stored might be the task's.
  const Sum* sums = task.sums + n;
  const std::ptrdiff_t sum_step = task.sum_step;
  const Sum* const t = task.thresholds + n;
  const Thresholds<Sum> thresholds = {Sixteen<Sum>(t), Sixteen<Sum>(t + task.stride),
                                      Sixteen<Sum>(t + 2 * task.stride),
                                      kept_bits<Sum>(channels < kChannels ? channels : kChannels)};
  const auto next = [&] {
    const uint16x8_t bits = bits_of(sums, thresholds);
    sums += sum_step;
    return bits;
  };
  int left = task.pixels;
  for (; left >= kPixels; left -= kPixels) {
    const uint16x8_t first = next();
    const uint16x8_t second = next();
    const uint16x8_t third = next();
    const uint16x8_t fours = pairs(third, next());
    const uint64x2_t bits = vreinterpretq_u64_u16(pairs(pairs(first, second), fours));
    to.put_next_two(vgetq_lane_u64(bits, 0));
    to.put_next_two(vgetq_lane_u64(bits, 1));
  }
  for (; left > 0; --left) {
    const uint16x8_t only = next();
    const uint16x8_t fours = pairs(only, only);
    to.put_next(vgetq_lane_u64(vreinterpretq_u64_u16(pairs(fours, fours)), 0));
  }
}

template <class Sum>
void threshold(const ThresholdTask<Sum>& task) {
  if (task.channels % kWordBits != 0) clear_last_words(task.codes, task.pixels, task.channels);
  constexpr auto kWordBytes = static_cast<std::ptrdiff_t>(sizeof(Word));
  for (int n = 0; n < task.channels; n += kChannels) {
    sixteen(task, n,
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
