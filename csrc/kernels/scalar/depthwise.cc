// Depthwise convolution of codes and of u8, a unit of channels of one pixel at a time, and the
// expansion of codes to bytes.
#include "kernels/kernels.h"

#include "kernels/generic/depthwise.h"

namespace edgebin::kernels::scalar {
namespace {

template <class Input, class Weight, class Sum>
struct Unit {
  static constexpr int kChannels = kDepthwiseUnit;
  static constexpr int kPixels = 1;
  struct Sums {
    Sum at[kChannels];
  };

  explicit Unit(int) {}
  static Sums zero() { return {}; }
  static const Weight* weights(const Weight* at) { return at; }
  static Sums add(Sums sums, const Input* at, const Weight* weights) {
    for (int i = 0; i < kChannels; ++i) {
      sums.at[i] = static_cast<Sum>(sums.at[i] + weights[i] * at[i]);
    }
    return sums;
  }
  template <bool kAdds>
  static void store(Sum* to, const Sums& sums) {
    for (int i = 0; i < kChannels; ++i) to[i] = sums.at[i];
  }
};

using Codes = Unit<std::uint8_t, std::int8_t, std::int16_t>;
using U8 = Unit<std::uint8_t, std::int16_t, std::int32_t>;

void depthwise_codes(const DepthwiseCodesTask& task) { depthwise<false, Codes, Codes>(task); }
void depthwise_u8(const DepthwiseU8Task& task) { depthwise<false, U8, U8>(task); }

void expand(const ExpandTask& task) {
  const Word* low = task.words;
  std::uint8_t* to = task.bytes;
  for (int p = 0; p < task.pixels; ++p, low += task.step, to += task.byte_step) {
    for (int c = 0; c < task.channels; ++c) {
      const Word* const word = low + c / kWordBits;
      const Word lower = word[0] >> c % kWordBits & 1;
      const Word upper = word[task.plane] >> c % kWordBits & 1;
      to[c] = static_cast<std::uint8_t>(lower | upper << 1);
    }
  }
}

}  // namespace

void install_depthwise(Kernels& kernels) {
  kernels.expand = expand;
  kernels.depthwise_codes = depthwise_codes;
  kernels.depthwise_u8 = depthwise_u8;
}

}  // namespace edgebin::kernels::scalar
