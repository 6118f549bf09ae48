// Elementary functions of f32, operation by operation as FORMAT.md writes them, so that vectors of
// any width have the bits of single numbers.
//
// The folder's elementwise.cc defines kLanes, and Floats and Bits, vectors of kLanes f32 and u32
// (GNU vector extensions, so that the same lines are a vector's), or float and a 32-bit unsigned.
#ifndef EDGEBIN_KERNELS_GENERIC_ELEMENTWISE_H_
#define EDGEBIN_KERNELS_GENERIC_ELEMENTWISE_H_

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

// (Minus zero: plus zero would make +0 of -0.)
inline Floats all(float value) { return value - Floats{}; }

inline Floats load(const float* at) {
  Floats value = {};
  __builtin_memcpy(&value, at, sizeof value);
  return value;
}

inline void store(float* at, Floats value) { __builtin_memcpy(at, &value, sizeof value); }

inline Floats from_bits(Bits bits) {
  Floats value = {};
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

inline Bits to_bits(Floats value) {
  Bits bits = {};
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

// NaN stays NaN.
inline Floats limit(Floats x, Floats low, Floats high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

inline Floats magnitude(Floats x) { return from_bits(to_bits(x) & 0x7fffffff); }

// `x`, which is not negative, with the sign of `sign`.
inline Floats with_sign_of(Floats x, Floats sign) {
  return from_bits(to_bits(x) | (to_bits(sign) & 0x80000000));
}

// e^x = 2^n p(r). Adding and subtracting 1.5 * 2^23 rounds to an integer, which then is the low end
// of the sum's bits. Two factors make 2^n, so that the last product alone is rounded.
inline Floats exponential(Floats x) {
  constexpr float kRound = 0x1.8p+23f;
  constexpr std::uint32_t kRoundBits = 0x4b400000;
  x = limit(x, all(-104.0f), all(89.0f));
  const Floats rounded = x * all(0x1.715476p+0f) + all(kRound);
  const Floats n = rounded - all(kRound);
  const Floats r = (x - n * all(0x1.62e4p-1f)) - n * all(0x1.7f7d1cp-20f);
  Floats p = all(0x1.a01a02p-13f);
  p = p * r + all(0x1.6c16c2p-10f);
  p = p * r + all(0x1.111112p-7f);
  p = p * r + all(0x1.555556p-5f);
  p = p * r + all(0x1.555556p-3f);
  p = p * r + all(0.5f);
  p = p * r + all(1.0f);
  p = p * r + all(1.0f);
  const Bits exponent = to_bits(rounded) - (kRoundBits - 256);  // n + 256
  const Bits half = exponent >> 1;
  return p * from_bits((half - 1) << 23) * from_bits((exponent - half - 1) << 23);
}

inline Floats sigmoid_of(Floats x) { return all(1.0f) / (all(1.0f) + exponential(-x)); }

inline Floats silu_of(Floats x) { return x / (all(1.0f) + exponential(-x)); }

inline Floats tanh_of(Floats x) {
  const Floats size = magnitude(x);
  const Floats square = x * x;
  Floats p = all(-0x1.75e358p-8f);
  p = p * square + all(0x1.522500p-6f);
  p = p * square + all(-0x1.b83c4ap-5f);
  p = p * square + all(0x1.110694p-3f);
  p = p * square + all(-0x1.5554fap-2f);
  const Floats near = x + x * square * p;
  const Floats far = all(1.0f) - all(2.0f) / (exponential(size + size) + all(1.0f));
  return size < all(0.625f) ? near : with_sign_of(far, x);
}

inline Floats gelu_of(Floats x) {
  Floats size = magnitude(x);
  size = size > all(16.0f) ? all(16.0f) : size;  // beyond, the tail is 0
  const Floats t = all(1.0f) / (all(1.0f) + all(0x1.4f740ap-2f) * (size * all(0x1.6a09e6p-1f)));
  Floats p = all(0x1.0fb844p+0f);
  p = p * t + all(-0x1.7401c6p+0f);
  p = p * t + all(0x1.6be1c6p+0f);
  p = p * t + all(-0x1.23531cp-2f);
  p = p * t + all(0x1.04f20cp-2f);
  const Floats tail = (all(0.5f) * size) * ((p * t) * exponential(all(-0.5f) * (size * size)));
  const Floats not_positive = x < all(0.0f) ? -tail : x;
  return x > all(0.0f) ? x - tail : not_positive;
}

inline Floats gelu_tanh_of(Floats x) {
  const Floats twice_u = all(0x1.988454p+0f) * (x + all(0x1.6e4e26p-5f) * ((x * x) * x));
  return x / (all(1.0f) + exponential(-twice_u));
}

inline Floats zero_to_six(Floats x) { return limit(x + all(3.0f), all(0.0f), all(6.0f)); }

inline Floats hard_sigmoid_of(Floats x) { return zero_to_six(x) / all(6.0f); }

inline Floats hard_swish_of(Floats x) { return x * zero_to_six(x) / all(6.0f); }

// Stores f(load of i) for all i, a vector at a time. The last vector overlaps the one before it;
// where there is none before, it is filled up.
template <class... Inputs, class Function>
inline void for_elements(std::ptrdiff_t count, float* y, const Function& f,
                         const Inputs*... inputs) {
  std::ptrdiff_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(y + i, f(load(inputs + i)...));
  if (i == count) return;
  if (i > 0) {
    i = count - kLanes;
    store(y + i, f(load(inputs + i)...));
    return;
  }
  const auto bytes = static_cast<std::size_t>(count) * sizeof(float);
  const auto filled = [&](const float* from) {
    Floats value = {};
    __builtin_memcpy(&value, from, bytes);
    return value;
  };
  const Floats value = f(filled(inputs)...);
  __builtin_memcpy(y, &value, bytes);
}

template <Floats (*kFunction)(Floats)>
void unary(const float* x, std::ptrdiff_t count, float* y) {
  for_elements(count, y, [](Floats value) { return kFunction(value); }, x);
}

void clamp(const float* x, std::ptrdiff_t count, float low, float high, float* y) {
  const Floats lowest = all(low);
  const Floats highest = all(high);
  for_elements(count, y, [=](Floats value) { return limit(value, lowest, highest); }, x);
}

void elu(const float* x, std::ptrdiff_t count, float alpha, float* y) {
  const Floats factor = all(alpha);
  const auto f = [=](Floats value) {
    const Floats negative = factor * (exponential(value) - all(1.0f));
    return value > all(0.0f) ? value : negative;
  };
  for_elements(count, y, f, x);
}

// Few channels: kLanes pixels are a whole number of vectors, so that is what one row of slopes is
// for.
constexpr int kFewChannels = 64;

void prelu(const float* x, std::ptrdiff_t pixels, int channels, const float* slope, float* y) {
  const auto f = [](Floats value, Floats factor) {
    const Floats negative = factor * value;
    return value > all(0.0f) ? value : negative;
  };
  std::ptrdiff_t p = 0;
  if (channels <= kFewChannels && channels % kLanes != 0 && pixels >= kLanes) {
    const int row = channels * kLanes;
    float slopes[kFewChannels * kLanes];
    for (int i = 0; i < row; ++i) slopes[i] = slope[i % channels];
    for (; p + kLanes <= pixels; p += kLanes, x += row, y += row) {
      for_elements(row, y, f, x, static_cast<const float*>(slopes));
    }
  }
  for (; p < pixels; ++p, x += channels, y += channels) for_elements(channels, y, f, x, slope);
}

struct Sum {
  static Floats of(Floats a, Floats b) { return a + b; }
};
struct Difference {
  static Floats of(Floats a, Floats b) { return a - b; }
};
struct Product {
  static Floats of(Floats a, Floats b) { return a * b; }
};

template <class Function>
void binary(const BinaryTask& task) {
  if (task.a_is_one) {
    const Floats a = all(*task.a);
    for_elements(task.count, task.y, [=](Floats b) { return Function::of(a, b); }, task.b);
  } else if (task.b_is_one) {
    const Floats b = all(*task.b);
    for_elements(task.count, task.y, [=](Floats a) { return Function::of(a, b); }, task.a);
  } else {
    const auto f = [](Floats a, Floats b) { return Function::of(a, b); };
    for_elements(task.count, task.y, f, task.a, task.b);
  }
}

}  // namespace

// NOLINTNEXTLINE(misc-definitions-in-headers): one file of a folder includes this
void install_elementwise(Kernels& kernels) {
  kernels.exp = unary<exponential>;
  kernels.sigmoid = unary<sigmoid_of>;
  kernels.tanh = unary<tanh_of>;
  kernels.silu = unary<silu_of>;
  kernels.gelu = unary<gelu_of>;
  kernels.gelu_tanh = unary<gelu_tanh_of>;
  kernels.hard_sigmoid = unary<hard_sigmoid_of>;
  kernels.hard_swish = unary<hard_swish_of>;
  kernels.clamp = clamp;
  kernels.elu = elu;
  kernels.prelu = prelu;
  kernels.add = binary<Sum>;
  kernels.sub = binary<Difference>;
  kernels.mul = binary<Product>;
}

}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_ELEMENTWISE_H_
