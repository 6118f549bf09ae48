// Lookup convolution of every instruction set that has it, against the sums of its formula: all
// numbers of vectors and taps, and the sums that overflow a byte first.
#include <gtest/gtest.h>

#include "kernels/lookup_operands.h"

namespace edgebin::kernels {
namespace {

class LookupConvolution : public IsaTest {
 protected:
  void SetUp() override {
    if (lookups().empty()) GTEST_SKIP() << kernels().isa << " has no lookups";
  }

  static void expect_right(const Lookup& lookup, const LookupShape& shape,
                           const Matrix<std::uint8_t>& codes, const Matrix<std::int8_t>& signs) {
    EXPECT_EQ(looked_up(lookup, shape, codes, signs), counted(lookup, shape, codes, signs))
        << lookup.name << ": " << shape.channels << " channels, " << shape.outputs << " outputs, "
        << shape.vectors << " vectors, " << shape.rows << " x " << shape.taps << " taps";
  }

  void expect_random(const Lookup& lookup, const LookupShape& shape) {
    const int slots = lookup.lanes * shape.vectors + shape.taps - 1;
    Matrix<std::uint8_t> codes(shape.rows * slots, shape.channels);
    Matrix<std::int8_t> signs(shape.outputs, shape.rows * shape.taps * shape.channels);
    for (std::uint8_t& code : codes.values) code = static_cast<std::uint8_t>(random_() % 4);
    for (std::int8_t& sign : signs.values) sign = random_() % 2 == 0 ? 1 : -1;
    expect_right(lookup, shape, codes, signs);
  }

  // All codes 3 under equal weights: the sums that overflow a byte first.
  void expect_constant(const Lookup& lookup, const LookupShape& shape, int sign) {
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
    for (int round = 0; round < 60; ++round) {
      expect_random(lookup, {pick(1, 200), lookup.tile * pick(1, 3), pick(1, lookup.max_vectors),
                             pick(1, 4), pick(1, kMaxTaps)});
    }
  }
}

TEST_P(LookupConvolution, TakesEveryNumberOfVectorsAndTaps) {
  for (const Lookup& lookup : lookups()) {
    for (int vectors = 1; vectors <= lookup.max_vectors; ++vectors) {
      for (int taps = 1; taps <= kMaxTaps; ++taps) {
        expect_random(lookup, {64, lookup.tile, vectors, 2, taps});
      }
    }
  }
}

TEST_P(LookupConvolution, BytesHoldTheWorstCaseAtEveryFlush) {
  for (const Lookup& lookup : lookups()) {
    for (int taps = 1; taps <= kMaxTaps; ++taps) {
      for (int channels = 1; channels <= 260; ++channels) {
        expect_constant(lookup, {channels, lookup.tile, 1, 1, taps}, +1);
      }
      expect_constant(lookup, {700, lookup.tile, lookup.max_vectors, 3, taps}, +1);
      expect_constant(lookup, {700, lookup.tile, lookup.max_vectors, 3, taps}, -1);
    }
  }
}

TEST_P(LookupConvolution, HoldsTheGreatestDepth) {
  for (const Lookup& lookup : lookups()) {
    expect_constant(lookup, {kMaxLookupDepth, lookup.tile, 1, 1, 1}, +1);
    expect_constant(lookup, {kMaxLookupDepth, lookup.tile, 1, 1, 1}, -1);
    expect_constant(lookup, {kMaxLookupDepth / 6, lookup.tile, 2, 2, 3}, +1);
  }
}

EDGEBIN_FOR_EVERY_ISA(LookupConvolution);

}  // namespace
}  // namespace edgebin::kernels
