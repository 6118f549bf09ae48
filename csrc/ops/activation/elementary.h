// The elementary functions of FORMAT.md on f32, of additions, multiplications, divisions and
// selections alone, each rounded: equal bits everywhere, and loops over them are vectorised.
#ifndef EDGEBIN_OPS_ACTIVATION_ELEMENTARY_H_
#define EDGEBIN_OPS_ACTIVATION_ELEMENTARY_H_

#include <bit>
#include <cstdint>

namespace edgebin {

// NaN stays NaN.
inline float at_most(float x, float limit) { return x > limit ? limit : x; }
inline float at_least(float x, float limit) { return x < limit ? limit : x; }

inline constexpr std::uint32_t kSignBit = 0x80000000;

inline float magnitude(float x) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & ~kSignBit);
}

// `x`, which is not negative, with the sign of `sign`.
inline float with_sign_of(float x, float sign) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) |
                              (std::bit_cast<std::uint32_t>(sign) & kSignBit));
}

// 2^n, -126 <= n <= 127.
inline float power_of_two(std::int32_t n) { return std::bit_cast<float>((n + 127) << 23); }

// e^x = 2^n e^r with n = rint(x / ln 2), which adding 1.5 * 2^23 leaves in the low bits of the sum,
// and the Taylor polynomial of e^r. 2^n is two factors: either end of the range is reached by one
// rounding, to a denormal or to infinity.
inline float exponential(float x) {
  constexpr float kRound = 0x1.8p23f;
  const float c = at_most(at_least(x, -104.0f), 89.0f);
  const float rounded = c * 0x1.715476p+0f + kRound;
  const float n = rounded - kRound;
  const float r = (c - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
  float p = 0x1.a01a02p-13f;
  p = p * r + 0x1.6c16c2p-10f;
  p = p * r + 0x1.111112p-7f;
  p = p * r + 0x1.555556p-5f;
  p = p * r + 0x1.555556p-3f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const std::int32_t exponent =
      std::bit_cast<std::int32_t>(rounded) - std::bit_cast<std::int32_t>(kRound);
  const std::int32_t half = exponent >> 1;
  return p * power_of_two(half) * power_of_two(exponent - half);
}

inline float relu6_of_plus_3(float x) { return at_most(at_least(x + 3.0f, 0.0f), 6.0f); }

}  // namespace edgebin

#endif  // EDGEBIN_OPS_ACTIVATION_ELEMENTARY_H_
