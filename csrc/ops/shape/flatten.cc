// `flatten`: (H, W, C) becomes (1, 1, H W C). Of u8 and f32 the bytes stay as they are; of codes
// the planes of the pixels are joined into one plane each, without the bits between them.
#include <cstring>

#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

class CopyBytes final : public Step {
 public:
  void run(const Buffers& buffers, ThreadPool&) const noexcept override {
    std::memcpy(buffers.outputs[0].data(), buffers.inputs[0].data(), buffers.outputs[0].size());
  }
};

class JoinPlanes final : public Step {
 public:
  explicit JoinPlanes(const Shape& shape) : shape_(shape) {}

  // Runs on the caller's thread alone: neighbouring pixels share words of the output.
  void run(const Buffers& buffers, ThreadPool&) const noexcept override {
    std::memset(buffers.outputs[0].data(), 0, buffers.outputs[0].size());
    const Word* const x = elements_of<Word>(buffers.inputs[0]);
    Word* const low = elements_of<Word>(buffers.outputs[0]);
    Word* const high = low + plane_words(static_cast<int>(shape_.elements()));
    const auto channels = static_cast<std::size_t>(shape_.c);
    for (std::ptrdiff_t pixel = 0; pixel < shape_.pixels(); ++pixel) {
      const Word* const from = planes_of(x, pixel, shape_.c);
      const std::size_t at = static_cast<std::size_t>(pixel) * channels;
      copy_bits(low, at, from, 0, channels);
      copy_bits(high, at, from + plane_words(shape_.c), 0, channels);
    }
  }

 private:
  Shape shape_;
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kU8, DType::kCode, DType::kF32});
  require_roles(view, {});
  require_keys(view, {});
  const ValueType& input = view.inputs[0];
  return output_type(view, input.dtype, 1, 1, input.shape.elements());
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  const ValueType& input = view.inputs[0];
  if (input.dtype == DType::kCode) return std::make_unique<JoinPlanes>(input.shape);
  return std::make_unique<CopyBytes>();
}

}  // namespace

extern const Op kFlatten;
constinit const Op kFlatten = {.name = "flatten",
                               .family = Family::kRearrangement,
                               .infer = infer,
                               .prepare = prepare,
                               .packed_size_bound = kPackedLikeTheFile};

}  // namespace edgebin
