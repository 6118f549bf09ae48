#include "ops/shape/gather.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "ops/blocks.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

constexpr int kColumns = 256;  // whose positions are computed at a time

class GatherStep final : public Step {
 public:
  GatherStep(const ValueType& input, Gather gather, kernels::ExpandFn expand)
      : gather_(std::move(gather)), expand_(expand), input_(input) {
    in_bytes_ = static_cast<std::ptrdiff_t>(pixel_bytes(input.dtype, input.shape.c));
    out_bytes_ = static_cast<std::ptrdiff_t>(pixel_bytes(input.dtype, gather_.channels.count()));
  }

  Bytes scratch_bytes() const noexcept override { return gather_.channels.scratch_bytes(); }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const std::ptrdiff_t out_row = gather_.columns.count() * out_bytes_;
    const std::ptrdiff_t in_row = input_.shape.w * in_bytes_;
    const auto work = [&](std::ptrdiff_t i, std::ptrdiff_t end, int worker) {
      const auto scratch = share_of(buffers.scratch, scratch_bytes(), worker);
      int above = AxisMap::kOutside;
      for (; i < end; ++i) {
        int row = 0;
        gather_.rows.fill(static_cast<int>(i), {&row, 1});
        std::byte* const to = buffers.outputs[0].data() + i * out_row;
        if (row == AxisMap::kOutside) {
          fill(to, gather_.columns.count());
        } else if (row == above) {
          std::memcpy(to, to - out_row, static_cast<std::size_t>(out_row));
        } else {
          copy_row(buffers.inputs[0].data() + row * in_row, to, scratch);
        }
        above = row;
      }
    };
    for_each_block(pool, gather_.rows.count(), std::max<std::int64_t>(1, out_row / 4), work);
  }

 private:
  void copy_row(const std::byte* from, std::byte* to, std::span<std::byte> scratch) const noexcept {
    const int count = gather_.columns.count();
    std::array<int, kColumns> positions;
    for (int begin = 0; begin < count; begin += kColumns) {
      const int columns = std::min(kColumns, count - begin);
      const std::span<int> part = std::span(positions).first(static_cast<std::size_t>(columns));
      gather_.columns.fill(begin, part);
      copy_columns(from, part, to + begin * out_bytes_, scratch);
    }
  }

  void copy_columns(const std::byte* from, std::span<const int> positions, std::byte* to,
                    std::span<std::byte> scratch) const noexcept {
    if (gather_.channels.is_identity() && in_bytes_ == 4) {
      return copy_small<std::uint32_t>(from, positions, to);
    }
    if (gather_.channels.is_identity() && in_bytes_ == 1) {
      return copy_small<std::uint8_t>(from, positions, to);
    }
    for (std::size_t j = 0; j < positions.size();) {
      const int first = positions[j];
      const int step = first == AxisMap::kOutside ? 0 : 1;
      std::size_t end = j + 1;
      while (end < positions.size() && positions[end] == positions[end - 1] + step) ++end;
      const auto run = static_cast<std::ptrdiff_t>(end - j);
      if (first == AxisMap::kOutside) {
        fill(to, run);
      } else if (gather_.channels.is_identity()) {
        std::memcpy(to, from + first * in_bytes_, static_cast<std::size_t>(run * out_bytes_));
      } else {
        gather_.channels.copy(from + first * in_bytes_, to, run, expand_, scratch);
      }
      to += run * out_bytes_;
      j = end;
    }
  }

  // Pixels of one element, which has the size of T.
  template <class T>
  void copy_small(const std::byte* from, std::span<const int> positions,
                  std::byte* to) const noexcept {
    const T* const x = reinterpret_cast<const T*>(from);
    T* y = reinterpret_cast<T*>(to);
    T outside = 0;
    if constexpr (sizeof(T) == sizeof(float)) std::memcpy(&outside, &gather_.outside, sizeof(T));
    for (const int position : positions) {
      *y++ = position == AxisMap::kOutside ? outside : x[position];
    }
  }

  void fill(std::byte* to, std::ptrdiff_t pixels) const noexcept {
    const std::ptrdiff_t bytes = pixels * out_bytes_;
    if (input_.dtype == DType::kF32) {
      std::fill_n(reinterpret_cast<float*>(to), bytes / 4, gather_.outside);
    } else {
      std::memset(to, 0, static_cast<std::size_t>(bytes));
    }
  }

  Gather gather_;
  kernels::ExpandFn expand_;
  ValueType input_;
  std::ptrdiff_t in_bytes_ = 0;  // of a pixel
  std::ptrdiff_t out_bytes_ = 0;
};

}  // namespace

std::unique_ptr<const Step> make_gather(const NodeView& view, Gather gather,
                                        const kernels::Kernels& kernels) {
  return std::make_unique<GatherStep>(view.inputs[0], std::move(gather), kernels.expand);
}

}  // namespace edgebin
