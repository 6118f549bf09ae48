#include "ops/shape/channel_map.h"

#include <algorithm>
#include <utility>

#include "ops/shape/code_bytes.h"

namespace edgebin {

ChannelMap::ChannelMap(const ValueType& input, std::vector<int> channels)
    : input_(input),
      step_(0),
      count_(static_cast<int>(channels.size())),
      channels_(std::move(channels)) {}

Bytes ChannelMap::scratch_bytes() const {
  if (input_.dtype != DType::kCode || step_ == 1) return 0;
  return code_bytes(input_.shape.c) + code_bytes(count_);
}

void ChannelMap::copy(const std::byte* from, std::byte* to, std::ptrdiff_t pixels,
                      kernels::ExpandFn expand, std::span<std::byte> scratch) const {
  const auto in_step = static_cast<std::ptrdiff_t>(pixel_bytes(input_.dtype, input_.shape.c));
  const auto out_step = static_cast<std::ptrdiff_t>(pixel_bytes(input_.dtype, count_));
  for (; pixels > 0; --pixels, from += in_step, to += out_step) {
    switch (input_.dtype) {
      case DType::kU8:
        copy_elements(reinterpret_cast<const std::uint8_t*>(from),
                      reinterpret_cast<std::uint8_t*>(to));
        break;
      case DType::kF32:  // moving bits keeps a NaN as it is
        copy_elements(reinterpret_cast<const std::uint32_t*>(from),
                      reinterpret_cast<std::uint32_t*>(to));
        break;
      case DType::kCode:
        copy_codes(reinterpret_cast<const Word*>(from), reinterpret_cast<Word*>(to), expand,
                   scratch);
    }
  }
}

template <class T>
void ChannelMap::copy_elements(const T* x, T* y) const {
  if (step_ == 0) {
    for (int c = 0; c < count_; ++c) y[c] = x[channels_[static_cast<std::size_t>(c)]];
    return;
  }
  x += begin_;
  if (step_ == 1) {
    std::copy_n(x, count_, y);
  } else {
    for (int c = 0; c < count_; ++c, x += step_) y[c] = *x;
  }
}

void ChannelMap::copy_codes(const Word* x, Word* y, kernels::ExpandFn expand,
                            std::span<std::byte> scratch) const {
  if (step_ == 1) {
    const int words = plane_words(count_);
    std::fill_n(y, 2 * words, Word{0});
    for (int plane = 0; plane < 2; ++plane, x += plane_words(input_.shape.c), y += words) {
      copy_bits(y, 0, x, static_cast<std::size_t>(begin_), static_cast<std::size_t>(count_));
    }
    return;
  }
  ScratchParts parts(scratch);
  auto* const before = elements_of<std::uint8_t>(parts.take(code_bytes(input_.shape.c)));
  auto* const after = elements_of<std::uint8_t>(parts.rest());
  expand_pixel(expand, x, input_.shape.c, before);
  copy_elements<std::uint8_t>(before, after);
  pack_pixel(after, count_, y);
}

}  // namespace edgebin
