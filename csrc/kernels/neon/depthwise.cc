// Depthwise convolution of codes and of u8, and the expansion of codes to bytes.
//
//   instruction        latency  A57, A72 ports  A76 ports   per tap of a pixel
//   codes, 16 channels:
//     ldr (16 B)          5        L               L0 L1       1
//     mla (16 B)          4        F0              V0          1
//   u8, 8 channels:
//     ldr (8 B)           5        L               L0 L1       1
//     ushll               3        F1              V1          1
//     smlal, smlal2       4        F0              V0          2
//   Bottleneck: the multiplies, on one port: 16 MAC/cycle of codes, 4 of u8.
#include <arm_neon.h>

#include "kernels/kernels.h"

#include "kernels/generic/depthwise.h"

namespace edgebin::kernels::neon {
namespace {

struct Codes {
  static constexpr int kChannels = 16;
  static constexpr int kPixels = 8;
  using Sums = int8x16_t;

  explicit Codes(int) {}
  static Sums zero() { return vdupq_n_s8(0); }
  static int8x16_t weights(const std::int8_t* at) { return vld1q_s8(at); }
  static Sums add(Sums sums, const std::uint8_t* at, int8x16_t weights) {
    return vmlaq_s8(sums, vreinterpretq_s8_u8(vld1q_u8(at)), weights);
  }
  template <bool kAdds>
  static void store(std::int16_t* to, Sums sums) {
    store_half<kAdds>(to, vget_low_s8(sums));
    store_half<kAdds>(to + 8, vget_high_s8(sums));
  }

 private:
  template <bool kAdds>
  static void store_half(std::int16_t* to, int8x8_t sums) {
    vst1q_s16(to, kAdds ? vaddw_s8(vld1q_s16(to), sums) : vmovl_s8(sums));
  }
};

struct U8 {
  static constexpr int kChannels = 8;
#ifdef __aarch64__
  static constexpr int kPixels = 8;
#else
  static constexpr int kPixels = 4;  // there are half as many registers
#endif
  struct Sums {
    int32x4_t a, b;
  };

  explicit U8(int) {}
  static Sums zero() { return {vdupq_n_s32(0), vdupq_n_s32(0)}; }
  static int16x8_t weights(const std::int16_t* at) { return vld1q_s16(at); }
  static Sums add(const Sums& sums, const std::uint8_t* at, int16x8_t weights) {
    const int16x8_t inputs = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(at)));
    return {vmlal_s16(sums.a, vget_low_s16(inputs), vget_low_s16(weights)),
            vmlal_s16(sums.b, vget_high_s16(inputs), vget_high_s16(weights))};
  }
  template <bool kAdds>
  static void store(std::int32_t* to, const Sums& sums) {
    vst1q_s32(to, sums.a);
    vst1q_s32(to + 4, sums.b);
  }
};

void depthwise_codes(const DepthwiseCodesTask& task) { depthwise_bytes<Codes, Codes>(task); }
void depthwise_u8(const DepthwiseU8Task& task) { depthwise<false, U8, U8>(task); }

// Sixteen bits as bytes: `value` where a bit is set.
inline uint8x16_t bytes_of(const Word* word, int shift, std::uint8_t value) {
  alignas(16) static constexpr std::uint8_t kBits[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                                         1, 2, 4, 8, 16, 32, 64, 128};
  const auto bits = static_cast<std::uint32_t>(*word >> shift);
  const uint8x16_t spread = vcombine_u8(vdup_n_u8(static_cast<std::uint8_t>(bits)),
                                        vdup_n_u8(static_cast<std::uint8_t>(bits >> 8)));
  return vandq_u8(vtstq_u8(spread, vld1q_u8(kBits)), vdupq_n_u8(value));
}

void expand(const ExpandTask& task) {
  const Word* low = task.words;
  std::uint8_t* to = task.bytes;
  for (int p = 0; p < task.pixels; ++p, low += task.step, to += task.byte_step) {
    for (int c = 0; c < task.channels; c += 16) {
      const Word* const word = low + c / kWordBits;
      vst1q_u8(to + c, vorrq_u8(bytes_of(word, c % kWordBits, 1),
                                bytes_of(word + task.plane, c % kWordBits, 2)));
    }
  }
}

}  // namespace

void install_depthwise(Kernels& kernels) {
  kernels.expand = expand;
  kernels.depthwise_codes = depthwise_codes;
  kernels.depthwise_u8 = depthwise_u8;
}

}  // namespace edgebin::kernels::neon
