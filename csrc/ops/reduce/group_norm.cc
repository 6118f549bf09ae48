// `group_norm`: mean and variance of each group of channels over all positions, in f64.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/constants.h"
#include "ops/layout.h"
#include "ops/reduce/eps.h"

namespace edgebin {
namespace {

// The sum of the channels of a group, in the interleaved parts of kernels.h.
double sum_of_channels(const double* x, int channels) {
  std::array<double, kernels::kReduceParts> parts{};
  for (int c = 0; c < channels; ++c) parts[c % kernels::kReduceParts] += x[c];
  for (int half = kernels::kReduceParts / 2; half > 0; half /= 2) {
    for (int j = 0; j < half; ++j) parts[j] += parts[j + half];
  }
  return parts[0];
}

class GroupNorm final : public Step {
 public:
  GroupNorm(const NodeView& view, int groups, const kernels::Kernels& kernels)
      : shape_(view.inputs[0].shape),
        group_(shape_.c / groups),
        count_(static_cast<double>(shape_.pixels() * group_)),
        scale_(floats_of(view.node.constants.at("scale"))),
        bias_(floats_of(view.node.constants.at("bias"))),
        eps_(eps_of(view)),
        moments_(kernels.moment_rows),
        normalize_(kernels.group_norm) {}

  // Means and factors of the channels, in the scratch of the first worker.
  Bytes scratch_bytes() const noexcept override { return 2 * array_bytes(); }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    ScratchParts scratch(buffers.scratch);
    auto* const means = elements_of<double>(scratch.take(array_bytes()));
    auto* const factors = elements_of<double>(scratch.take(array_bytes()));
    sum_rows(x, nullptr, means, pool);
    for_each_group(means, [&](double total) { return total / count_; });
    sum_rows(x, means, factors, pool);
    for_each_group(factors, [&](double total) { return 1.0 / std::sqrt(total / count_ + eps_); });
    const auto work = [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int) {
      const std::ptrdiff_t first = pixel * shape_.c;
      normalize_({x + first, end - pixel, shape_.c, means, factors, scale_.data(), bias_.data(),
                  y + first});
    };
    for_each_block(pool, shape_.pixels(), shape_.c, work);
  }

 private:
  Bytes array_bytes() const noexcept {
    return align_up(static_cast<Bytes>(shape_.c) * sizeof(double), kCacheLine);
  }

  // Sums of each channel over all positions; threads share the channels.
  void sum_rows(const float* x, const double* means, double* sums,
                ThreadPool& pool) const noexcept {
    constexpr int kUnit = 16;  // whole cache lines of x
    const int part = align_up(ceil_div(shape_.c, pool.threads()), kUnit);
    const auto positions = static_cast<int>(shape_.pixels());
    pool.parallel_for(ceil_div(shape_.c, part), [&](int index, int) {
      const int first = index * part;
      moments_({x + first, shape_.c, positions, std::min(part, shape_.c - first),
                means == nullptr ? nullptr : means + first, sums + first});
    });
  }

  // Replaces the sums of a group's channels by `finish` of their total.
  template <class Finish>
  void for_each_group(double* sums, const Finish& finish) const noexcept {
    for (double* group = sums; group < sums + shape_.c; group += group_) {
      std::fill_n(group, group_, finish(sum_of_channels(group, group_)));
    }
  }

  Shape shape_;
  int group_;     // channels of one
  double count_;  // elements of one
  std::vector<float> scale_;
  std::vector<float> bias_;
  double eps_;
  kernels::MomentFn moments_;
  kernels::GroupNormFn normalize_;
};

int groups_of(const NodeView& view) { return required_attribute(view, "groups", 1, kMaxDimension); }

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_roles(view, {"scale", "bias", "eps"});
  require_keys(view, {"groups"});
  const int groups = groups_of(view);
  const Shape& shape = view.inputs[0].shape;
  if (shape.c % groups != 0) {
    refuse(view, Rule::kNodeShape,
           message("groups are expected to divide the channels, found ", groups, " and ", shape.c));
  }
  require_affine_and_eps(view);
  return view.inputs[0];
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return std::make_unique<GroupNorm>(view, groups_of(view), kernels);
}

}  // namespace

extern const Op kGroupNorm;
constinit const Op kGroupNorm = {.name = "group_norm",
                                 .family = Family::kOther,
                                 .infer = infer,
                                 .prepare = prepare,
                                 .packed_size_bound = kPackedLikeTheFile,
                                 .since = 3};

}  // namespace edgebin
