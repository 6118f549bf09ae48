#include "ops/shape/blocks_of_pixels.h"

#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/layout.h"
#include "ops/shape/code_bytes.h"

namespace edgebin {
namespace {

class BlockMove final : public Step {
 public:
  BlockMove(const ValueType& deep, int block, bool to_flat, kernels::ExpandFn expand)
      : deep_(deep),
        block_(block),
        channels_(deep.shape.c / block / block),
        to_flat_(to_flat),
        expand_(expand) {}

  Bytes scratch_bytes() const noexcept override {
    if (deep_.dtype != DType::kCode) return 0;
    return code_bytes(deep_.shape.c) + code_bytes(channels_);
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const auto work = [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int worker) {
      for (; pixel < end; ++pixel) {
        switch (deep_.dtype) {
          case DType::kU8:
            move_elements<std::uint8_t>(buffers, pixel);
            break;
          case DType::kF32:  // moving bits keeps a NaN as it is
            move_elements<std::uint32_t>(buffers, pixel);
            break;
          case DType::kCode:
            move_codes(buffers, pixel, share_of(buffers.scratch, scratch_bytes(), worker));
        }
      }
    };
    for_each_block(pool, deep_.shape.pixels(), deep_.shape.c, work);
  }

 private:
  // Calls body(flat pixel, its first channel in the deep one) for the block of a deep pixel.
  template <class Body>
  void for_each_flat(std::ptrdiff_t pixel, const Body& body) const noexcept {
    const std::ptrdiff_t width = deep_.shape.w;
    for (int i = 0; i < block_; ++i) {
      const std::ptrdiff_t row = pixel / width * block_ + i;
      for (int j = 0; j < block_; ++j) {
        body((row * width + pixel % width) * block_ + j, i * block_ + j);
      }
    }
  }

  // The channels of one flat pixel.
  template <class T>
  void move_channels(const T* x, T* y) const noexcept {
    const std::ptrdiff_t step = std::ptrdiff_t{block_} * block_;
    const std::ptrdiff_t x_step = to_flat_ ? step : 1;
    const std::ptrdiff_t y_step = to_flat_ ? 1 : step;
    for (int c = 0; c < channels_; ++c, x += x_step, y += y_step) *y = *x;
  }

  template <class T>
  void move_elements(const Buffers& buffers, std::ptrdiff_t pixel) const noexcept {
    const T* const x = elements_of<T>(buffers.inputs[0]);
    T* const y = elements_of<T>(buffers.outputs[0]);
    for_each_flat(pixel, [&](std::ptrdiff_t flat, int first) {
      const std::ptrdiff_t deep_at = pixel * deep_.shape.c + first;
      const std::ptrdiff_t flat_at = flat * channels_;
      move_channels(x + (to_flat_ ? deep_at : flat_at), y + (to_flat_ ? flat_at : deep_at));
    });
  }

  void move_codes(const Buffers& buffers, std::ptrdiff_t pixel,
                  std::span<std::byte> scratch) const noexcept {
    const Word* const x = elements_of<Word>(buffers.inputs[0]);
    Word* const y = elements_of<Word>(buffers.outputs[0]);
    const int depth = deep_.shape.c;
    ScratchParts parts(scratch);
    auto* const deep = elements_of<std::uint8_t>(parts.take(code_bytes(depth)));
    auto* const flat = elements_of<std::uint8_t>(parts.rest());
    if (to_flat_) expand_pixel(expand_, planes_of(x, pixel, depth), depth, deep);
    for_each_flat(pixel, [&](std::ptrdiff_t flat_pixel, int first) {
      if (to_flat_) {
        move_channels<std::uint8_t>(deep + first, flat);
        pack_pixel(flat, channels_, planes_of(y, flat_pixel, channels_));
      } else {
        expand_pixel(expand_, planes_of(x, flat_pixel, channels_), channels_, flat);
        move_channels<std::uint8_t>(flat, deep + first);
      }
    });
    if (!to_flat_) pack_pixel(deep, depth, planes_of(y, pixel, depth));
  }

  ValueType deep_;
  int block_;
  int channels_;  // of a flat pixel
  bool to_flat_;
  kernels::ExpandFn expand_;
};

}  // namespace

int block_of(const NodeView& view) { return required_attribute(view, "block", 1, 1 << 12); }

std::unique_ptr<const Step> make_block_move(const ValueType& deep, int block, bool to_flat,
                                            const kernels::Kernels& kernels) {
  return std::make_unique<BlockMove>(deep, block, to_flat, kernels.expand);
}

}  // namespace edgebin
