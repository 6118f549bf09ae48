#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/operands.h"
#include "ops/layout.h"

namespace edgebin::kernels {
namespace {

// A window row of `taps` taps over `slots` neighbouring pixels of `channels` channels, seen by one
// task: codes [slot][channel], where lane l, vector v, tap j sees slot l * vectors + v + j.
struct Shape {
  int channels;
  int outputs;  // a multiple of the tile
  int vectors;
  int rows;  // of the window, each with its own codes
  int taps;
};

class LookupConvolution : public IsaTest {
 protected:
  void SetUp() override {
    if (lookups().empty()) GTEST_SKIP() << kernels().isa << " has no lookups";
  }

  static int groups_of(const Lookup& lookup, int channels) {
    const int rest = channels % kWordBits;
    return channels / kWordBits * ceil_div(kWordBits, lookup.group) + ceil_div(rest, lookup.group);
  }

  static unsigned index_of(const Lookup& lookup, const std::int8_t* signs, int channels,
                           int group) {
    const int per_word = ceil_div(kWordBits, lookup.group);
    const int first = group / per_word * kWordBits + group % per_word * lookup.group;
    const int end = std::min({first + lookup.group, align_up(first + 1, kWordBits), channels});
    unsigned index = 0;
    for (int c = first; c < end; ++c) index |= (signs[c] > 0 ? 1u : 0u) << (c - first);
    return index;
  }

  // codes [rows x slots][channels]; signs [outputs][rows x taps x channels].
  void expect_right(const Lookup& lookup, const Shape& shape, const Matrix<std::uint8_t>& codes,
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
    std::vector<std::int32_t> totals(
        static_cast<std::size_t>(shape.rows * row_totals) + kTotalSlack, -1);
    const std::ptrdiff_t pixel = std::ptrdiff_t{2} * words;
    std::vector<LookupRun> runs;
    for (int row = 0; row < shape.rows; ++row) {
      runs.push_back({row * row_bytes, row * row_totals, shape.taps});
      lookup.build({packed.data() + pixel * row * slots, pixel, pixel * shape.vectors, words,
                    lane_slots, groups, tables.data() + row * row_bytes, stride,
                    totals.data() + row * row_totals});
    }
    std::vector<std::uint8_t> weights;
    for (int tile = 0; tile < shape.outputs; tile += lookup.tile) {
      for (int row = 0; row < shape.rows; ++row) {
        for (int g = 0; g < groups; ++g) {
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
    Matrix<std::int16_t> expected(pixels, shape.outputs);
    for (int p = 0; p < pixels; ++p) {
      for (int row = 0; row < shape.rows; ++row) {
        for (int tap = 0; tap < shape.taps; ++tap) {
          for (int n = 0; n < shape.outputs; ++n) {
            int sum = expected(p, n);
            for (int c = 0; c < shape.channels; ++c) {
              sum += codes(row * slots + p + tap, c) *
                     signs(n, (row * shape.taps + tap) * shape.channels + c);
            }
            expected(p, n) = static_cast<std::int16_t>(sum);
          }
        }
      }
    }
    Matrix<std::int16_t> sums(pixels, shape.outputs, 12345);
    lookup.multiply({tables.data(), stride, groups, runs.data(), shape.rows, shape.vectors,
                     shape.outputs, weights.data(), totals.data(), sums.values.data()});
    EXPECT_EQ(sums, expected) << lookup.name << ": " << shape.channels << " channels, "
                              << shape.outputs << " outputs, " << shape.vectors << " vectors, "
                              << shape.rows << " x " << shape.taps << " taps";
  }

  void expect_random(const Lookup& lookup, const Shape& shape) {
    const int slots = lookup.lanes * shape.vectors + shape.taps - 1;
    Matrix<std::uint8_t> codes(shape.rows * slots, shape.channels);
    Matrix<std::int8_t> signs(shape.outputs, shape.rows * shape.taps * shape.channels);
    for (std::uint8_t& code : codes.values) code = static_cast<std::uint8_t>(random_() % 4);
    for (std::int8_t& sign : signs.values) sign = random_() % 2 == 0 ? 1 : -1;
    expect_right(lookup, shape, codes, signs);
  }

  // All codes 3 under equal weights: the sums that overflow a byte first.
  void expect_constant(const Lookup& lookup, const Shape& shape, int sign) {
    const int slots = lookup.lanes * shape.vectors + shape.taps - 1;
    const Matrix<std::uint8_t> codes(shape.rows * slots, shape.channels, 3);
    const Matrix<std::int8_t> signs(shape.outputs, shape.rows * shape.taps * shape.channels,
                                    static_cast<std::int8_t>(sign));
    expect_right(lookup, shape, codes, signs);
  }

  std::span<const Lookup> lookups() const {
    return {kernels().lookups, static_cast<std::size_t>(kernels().lookup_count)};
  }
};

TEST_P(LookupConvolution, EqualsTheNaiveSum) {
  for (const Lookup& lookup : lookups()) {
    for (int turn = 0; turn < 60; ++turn) {
      expect_random(lookup, {pick(1, 200), lookup.tile * pick(1, 3), pick(1, lookup.most_vectors),
                             pick(1, 4), pick(1, kMostTaps)});
    }
  }
}

TEST_P(LookupConvolution, TakesEveryNumberOfVectorsAndTaps) {
  for (const Lookup& lookup : lookups()) {
    for (int vectors = 1; vectors <= lookup.most_vectors; ++vectors) {
      for (int taps = 1; taps <= kMostTaps; ++taps) {
        expect_random(lookup, {64, lookup.tile, vectors, 2, taps});
      }
    }
  }
}

TEST_P(LookupConvolution, BytesHoldTheWorstCaseAtEveryFlush) {
  for (const Lookup& lookup : lookups()) {
    for (int taps = 1; taps <= kMostTaps; ++taps) {
      for (int channels = 1; channels <= 260; ++channels) {
        expect_constant(lookup, {channels, lookup.tile, 1, 1, taps}, +1);
      }
      expect_constant(lookup, {700, lookup.tile, lookup.most_vectors, 3, taps}, +1);
      expect_constant(lookup, {700, lookup.tile, lookup.most_vectors, 3, taps}, -1);
    }
  }
}

TEST_P(LookupConvolution, HoldsTheGreatestDepth) {
  for (const Lookup& lookup : lookups()) {
    expect_constant(lookup, {kMostLookupDepth, lookup.tile, 1, 1, 1}, +1);
    expect_constant(lookup, {kMostLookupDepth, lookup.tile, 1, 1, 1}, -1);
    expect_constant(lookup, {kMostLookupDepth / 6, lookup.tile, 2, 2, 3}, +1);
  }
}

EDGEBIN_FOR_EVERY_ISA(LookupConvolution);

}  // namespace
}  // namespace edgebin::kernels
