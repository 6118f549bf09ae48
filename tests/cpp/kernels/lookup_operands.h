// A convolution by table lookup in the layout of kernels.h, from plain matrices, and the same sums
// computed naively.
#ifndef EDGEBIN_TESTS_KERNELS_LOOKUP_OPERANDS_H_
#define EDGEBIN_TESTS_KERNELS_LOOKUP_OPERANDS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/operands.h"
#include "ops/layout.h"

namespace edgebin::kernels {

// One task: window rows of `taps` taps over `slots` neighbouring pixels of `channels` channels,
// codes [slot][channel], where lane l, vector v, tap j reads slot l * vectors + v + j.
struct LookupShape {
  int channels;
  int outputs;  // a multiple of the tile
  int vectors;
  int rows;  // of the window, each with its own codes
  int taps;
};

inline int groups_of(const Lookup& lookup, int channels) {
  const int rest = channels % kWordBits;
  return channels / kWordBits * ceil_div(kWordBits, lookup.group) + ceil_div(rest, lookup.group);
}

inline unsigned index_of(const Lookup& lookup, const std::int8_t* signs, int channels, int group) {
  const int per_word = ceil_div(kWordBits, lookup.group);
  const int first = group / per_word * kWordBits + group % per_word * lookup.group;
  const int end = std::min({first + lookup.group, align_up(first + 1, kWordBits), channels});
  unsigned index = 0;
  for (int c = first; c < end; ++c) index |= (signs[c] > 0 ? 1u : 0u) << (c - first);
  return index;
}

// Indices of the weights in the layout of LookupTask.
inline std::vector<std::uint8_t> lookup_weights(const Lookup& lookup, const LookupShape& shape,
                                                const Matrix<std::int8_t>& signs) {
  std::vector<std::uint8_t> weights;
  for (int tile = 0; tile < shape.outputs; tile += lookup.tile) {
    for (int row = 0; row < shape.rows; ++row) {
      for (int g = 0; g < groups_of(lookup, shape.channels); ++g) {
        for (int tap = 0; tap < shape.taps; ++tap) {
          for (int i = 0; i < lookup.tile; ++i) {
            const int n = tile + i / 2 + i % 2 * lookup.tile / 2;
            const std::int8_t* const at =
                &signs.values[signs.at(n, (row * shape.taps + tap) * shape.channels)];
            weights.push_back(static_cast<std::uint8_t>(index_of(lookup, at, shape.channels, g)));
          }
        }
      }
    }
  }
  return weights;
}

// codes [rows x slots][channels]; signs [outputs][rows x taps x channels].
inline Matrix<std::int16_t> looked_up(const Lookup& lookup, const LookupShape& shape,
                                      const Matrix<std::uint8_t>& codes,
                                      const Matrix<std::int8_t>& signs) {
  const int pixels = lookup.lanes * shape.vectors;
  const int slots = pixels + shape.taps - 1;
  const int lane_slots = shape.vectors + shape.taps - 1;
  const int groups = groups_of(lookup, shape.channels);
  const int words = ceil_div(shape.channels, kWordBits);
  const std::ptrdiff_t vector = std::ptrdiff_t{lookup.lanes / lookup.shared} << lookup.group;
  const std::ptrdiff_t stride = lane_slots * vector;
  const std::ptrdiff_t row_bytes = groups * stride;
  Operand<std::uint8_t> tables(static_cast<std::size_t>(shape.rows * row_bytes), 0xee);
  const std::vector<Word> packed = planes(codes, words);
  const std::ptrdiff_t row_totals = std::ptrdiff_t{1} * lane_slots * lookup.lanes;
  std::vector<std::int32_t> totals(static_cast<std::size_t>(shape.rows * row_totals) + kTotalSlack,
                                   -1);
  const std::ptrdiff_t pixel = std::ptrdiff_t{2} * words;
  std::vector<LookupRun> runs;
  for (int row = 0; row < shape.rows; ++row) {
    runs.push_back({row * row_bytes, row * row_totals, shape.taps});
    lookup.build({packed.data() + pixel * row * slots, pixel, pixel * shape.vectors, words,
                  lane_slots, groups, tables.data() + row * row_bytes, stride,
                  totals.data() + row * row_totals});
  }
  const std::vector<std::uint8_t> weights = lookup_weights(lookup, shape, signs);
  Matrix<std::int16_t> sums(pixels, shape.outputs, 12345);
  lookup.multiply({tables.data(), stride, groups, runs.data(), shape.rows, shape.vectors,
                   shape.outputs, weights.data(), totals.data(), sums.values.data()});
  return sums;
}

// The same sums as looked_up(), from the formula.
inline Matrix<std::int16_t> counted(const Lookup& lookup, const LookupShape& shape,
                                    const Matrix<std::uint8_t>& codes,
                                    const Matrix<std::int8_t>& signs) {
  const int pixels = lookup.lanes * shape.vectors;
  const int slots = pixels + shape.taps - 1;
  Matrix<std::int16_t> sums(pixels, shape.outputs);
  for (int p = 0; p < pixels; ++p) {
    for (int row = 0; row < shape.rows; ++row) {
      for (int tap = 0; tap < shape.taps; ++tap) {
        for (int n = 0; n < shape.outputs; ++n) {
          int sum = sums(p, n);
          for (int c = 0; c < shape.channels; ++c) {
            sum += codes(row * slots + p + tap, c) *
                   signs(n, (row * shape.taps + tap) * shape.channels + c);
          }
          sums(p, n) = static_cast<std::int16_t>(sum);
        }
      }
    }
  }
  return sums;
}

}  // namespace edgebin::kernels

#endif  // EDGEBIN_TESTS_KERNELS_LOOKUP_OPERANDS_H_
