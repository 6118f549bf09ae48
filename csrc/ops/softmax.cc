// `softmax` over channels, in f64. It has its own exponential so that all machines give the same
// bits: the exp of one C library differs from another's in the last bit.
//
// exp(x) = 2^n p(r) with n = rint(x log2 e) and r = x - n ln 2, |r| <= ln 2 / 2. ln 2 is split in
// two so that n times its upper half is exact; p is the Taylor polynomial of degree 13.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

constexpr double kLog2E = 0x1.71547652b82fep+0;
constexpr double kLn2High = 0x1.62e42feep-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kLowest = -700.0;
constexpr int kDegree = 13;

// 1 / k!
constexpr std::array<double, kDegree + 1> kCoefficients = [] {
  std::array<double, kDegree + 1> result{};
  double factorial = 1.0;  // exact: 13! < 2^53
  for (int k = 0; k <= kDegree; ++k) {
    if (k > 0) factorial *= k;
    result[k] = 1.0 / factorial;
  }
  return result;
}();

// e^x for x <= 0; 0 below -700; NaN for NaN. 2^n is a normal number (n >= -1010), and so is its
// product with p(r) in [0.7, 1.42], which is thus exact.
double exponential(double x) {
  if (!(x >= kLowest)) return x < kLowest ? 0.0 : x;
  const double n = std::nearbyint(x * kLog2E);  // rint's result; the rounding mode is to nearest
  const double r = (x - n * kLn2High) - n * kLn2Low;
  double p = kCoefficients[kDegree];
  for (int k = kDegree - 1; k >= 0; --k) p = p * r + kCoefficients[k];
  const auto exponent = static_cast<std::uint64_t>(static_cast<std::int64_t>(n) + 1023);
  return p * std::bit_cast<double>(exponent << 52);
}

// The maximum of x, or NaN where x has one.
float largest(const float* x, int channels) {
  float result = x[0];
  for (int c = 1; c < channels; ++c) {
    if (x[c] > result || std::isnan(x[c])) result = x[c];
  }
  return result;
}

void softmax(const float* x, int channels, double* powers, float* y) {
  const double top = largest(x, channels);
  double total = 0.0;
  for (int c = 0; c < channels; ++c) {
    powers[c] = exponential(x[c] - top);
    total += powers[c];
  }
  for (int c = 0; c < channels; ++c) y[c] = static_cast<float>(powers[c] / total);
}

class Softmax final : public Step {
 public:
  explicit Softmax(const Shape& shape) : shape_(shape) {}

  Bytes scratch_bytes() const noexcept override {
    return align_up(static_cast<Bytes>(shape_.c) * sizeof(double), kCacheLine);
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    const auto work = [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int worker) {
      auto* const powers = elements_of<double>(share_of(buffers.scratch, scratch_bytes(), worker));
      for (; pixel < end; ++pixel) {
        softmax(x + pixel * shape_.c, shape_.c, powers, y + pixel * shape_.c);
      }
    };
    for_each_block(pool, shape_.pixels(), shape_.c, work);
  }

 private:
  Shape shape_;
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_roles(view, {});
  require_keys(view, {});
  return view.inputs[0];
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  return std::make_unique<Softmax>(view.inputs[0].shape);
}

}  // namespace

extern const Op kSoftmax;
constinit const Op kSoftmax = {.name = "softmax",
                               .family = Family::kOther,
                               .infer = infer,
                               .prepare = prepare,
                               .packed_size_bound = kPackedLikeTheFile};

}  // namespace edgebin
