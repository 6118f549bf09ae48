// `reshape`: the same elements, row-major, in another shape.
#include "ops/shape/reshape.h"

#include <algorithm>
#include <cstring>

#include "ops/blocks.h"
#include "ops/layout.h"
#include "ops/shape/move.h"

namespace edgebin {
namespace {

class Reshape final : public Step {
 public:
  Reshape(const ValueType& input, const Shape& out) : channels_(input.shape.c), out_(out) {
    if (input.dtype == DType::kCode && input.shape.c != out.c) return;
    bytes_ = static_cast<std::int64_t>(value_bytes(input));
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const std::byte* const x = buffers.inputs[0].data();
    std::byte* const y = buffers.outputs[0].data();
    const auto copy = [&](std::ptrdiff_t begin, std::ptrdiff_t end, int) {
      std::memcpy(y + begin, x + begin, static_cast<std::size_t>(end - begin));
    };
    if (bytes_ > 0) return for_each_block(pool, bytes_, 1, copy);
    const auto pack = [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int) {
      for (; pixel < end; ++pixel) {
        fill_pixel(reinterpret_cast<const Word*>(x), pixel,
                   planes_of(reinterpret_cast<Word*>(y), pixel, out_.c));
      }
    };
    for_each_block(pool, out_.pixels(), out_.c, pack);
  }

 private:
  void fill_pixel(const Word* x, std::ptrdiff_t pixel, Word* low) const noexcept {
    const std::ptrdiff_t words_in = plane_words(channels_);
    const std::ptrdiff_t words_out = plane_words(out_.c);
    std::fill_n(low, 2 * words_out, Word{0});
    const std::int64_t first = std::int64_t{pixel} * out_.c;
    auto source = static_cast<std::ptrdiff_t>(first / channels_);
    auto from = static_cast<int>(first % channels_);
    for (int at = 0; at < out_.c; ++source, from = 0) {
      const int count = std::min(channels_ - from, out_.c - at);
      const Word* const planes = planes_of(x, source, channels_);
      for (int plane = 0; plane < 2; ++plane) {
        copy_bits(low + plane * words_out, static_cast<std::size_t>(at), planes + plane * words_in,
                  static_cast<std::size_t>(from), static_cast<std::size_t>(count));
      }
      at += count;
    }
  }

  int channels_;  // of the input
  Shape out_;
  std::int64_t bytes_ = 0;  // that stay as they are; 0: codes are packed again
};

ValueType infer(const NodeView& view) {
  const ValueType& x = moved_input(view, {}, {"out_h", "out_w", "out_c"});
  const auto size = [&](const char* key) {
    return required_attribute(view, key, 1, kMaxDimension);
  };
  const ValueType y = output_type(view, x.dtype, size("out_h"), size("out_w"), size("out_c"));
  if (y.shape.elements() != x.shape.elements()) {
    refuse_move(view, Rule::kNodeShape, "", y.shape.elements(), " elements");
  }
  return y;
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  return make_reshape(view.inputs[0], infer(view).shape);
}

}  // namespace

std::unique_ptr<const Step> make_reshape(const ValueType& input, const Shape& out) {
  return std::make_unique<Reshape>(input, out);
}

extern const Op kReshape;
constinit const Op kReshape = move_op("reshape", infer, prepare);

}  // namespace edgebin
