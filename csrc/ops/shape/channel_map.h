// Which channels of a pixel an output takes.
#ifndef EDGEBIN_OPS_SHAPE_CHANNEL_MAP_H_
#define EDGEBIN_OPS_SHAPE_CHANNEL_MAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ops/layout.h"
#include "ops/op.h"

namespace edgebin {

class ChannelMap {
 public:
  // All channels.
  explicit ChannelMap(const ValueType& input) : input_(input), count_(input.shape.c) {}

  // Channels begin, begin + step, ...
  ChannelMap(const ValueType& input, int begin, int step, int count)
      : input_(input), begin_(begin), step_(step), count_(count) {}

  // The listed channels.
  ChannelMap(const ValueType& input, std::vector<int> channels);

  bool is_identity() const { return step_ == 1 && count_ == input_.shape.c; }
  int count() const { return count_; }

  // Bytes that `copy` needs as scratch.
  Bytes scratch_bytes() const;

  // Copies `pixels` neighbouring pixels.
  void copy(const std::byte* from, std::byte* to, std::ptrdiff_t pixels, kernels::ExpandFn expand,
            std::span<std::byte> scratch) const;

 private:
  // Copies the channels of a pixel of bytes or of elements of four bytes.
  template <class T>
  void copy_elements(const T* x, T* y) const;
  void copy_codes(const Word* x, Word* y, kernels::ExpandFn expand,
                  std::span<std::byte> scratch) const;

  ValueType input_;
  int begin_ = 0;
  int step_ = 1;  // 0: the channels are listed
  int count_;
  std::vector<int> channels_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_SHAPE_CHANNEL_MAP_H_
