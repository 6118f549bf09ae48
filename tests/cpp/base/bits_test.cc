// Arithmetic of bits, words and alignments; copy_bits against a copy bit by bit, at every alignment
// and length.
#include "base/bits.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace edgebin {
namespace {

using Words = std::vector<std::uint64_t>;

TEST(CeilDiv, RoundsUp) {
  EXPECT_EQ(ceil_div(0, 64), 0);
  EXPECT_EQ(ceil_div(1, 64), 1);
  EXPECT_EQ(ceil_div(64, 64), 1);
  EXPECT_EQ(ceil_div(65, 64), 2);
  EXPECT_EQ(ceil_div(std::uint64_t{1} << 40, 1u << 20), std::uint64_t{1} << 20);
}

TEST(AlignUp, GivesTheNextMultiple) {
  EXPECT_EQ(align_up(0, 64), 0);
  EXPECT_EQ(align_up(1, 64), 64);
  EXPECT_EQ(align_up(64, 64), 64);
  EXPECT_EQ(align_up(65, 24), 72);
}

TEST(LowBits, CoversBothEnds) {
  EXPECT_EQ(low_bits(0), 0u);
  EXPECT_EQ(low_bits(1), 1u);
  EXPECT_EQ(low_bits(63), ~std::uint64_t{0} >> 1);
  EXPECT_EQ(low_bits(64), ~std::uint64_t{0});
}

TEST(Popcount, AddsUpWords) {
  EXPECT_EQ(popcount({}), 0);
  EXPECT_EQ(popcount(Words{0xff, 0, ~std::uint64_t{0}}), 72);
}

bool bit(const Words& words, std::size_t at) { return (words[at / 64] >> at % 64 & 1) != 0; }

Words random_words(std::size_t count, std::mt19937_64& random) {
  Words words(count);
  for (std::uint64_t& word : words) word = random();
  return words;
}

// Both vectors end with the word that holds the range's last bit: the address sanitizer sees a
// touch of anything beyond.
void expect_copied(std::size_t dst_bit, std::size_t src_bit, std::size_t count,
                   std::mt19937_64& random) {
  const Words src = random_words(ceil_div(src_bit + count, 64), random);
  const Words before = random_words(ceil_div(dst_bit + count, 64), random);
  Words dst = before;
  copy_bits(dst.data(), dst_bit, src.data(), src_bit, count);
  for (std::size_t i = 0; i < dst.size() * 64; ++i) {
    const bool inside = i >= dst_bit && i < dst_bit + count;
    const bool expected = bit(before, i) || (inside && bit(src, src_bit + i - dst_bit));
    ASSERT_EQ(bit(dst, i), expected)
        << "bit " << i << " of " << count << " bits from " << src_bit << " to " << dst_bit;
  }
}

TEST(CopyBits, OrsEveryAlignment) {
  std::mt19937_64 random(1);
  for (std::size_t dst_bit = 0; dst_bit < 66; ++dst_bit) {
    for (std::size_t src_bit = 0; src_bit < 66; ++src_bit) {
      expect_copied(dst_bit, src_bit, static_cast<std::size_t>(random() % 200), random);
    }
  }
}

TEST(CopyBits, OrsEveryLength) {
  std::mt19937_64 random(2);
  for (std::size_t count = 0; count < 260; ++count) {
    expect_copied(0, 0, count, random);
    expect_copied(64, 128, count, random);
    expect_copied(random() % 64, random() % 64, count, random);
  }
}

TEST(CopyBits, WorksInConstantExpressions) {
  constexpr std::uint64_t kMoved = [] {
    const std::uint64_t src = 0b1011;
    std::uint64_t dst = 0;
    copy_bits(&dst, 60, &src, 1, 3);
    return dst;
  }();
  EXPECT_EQ(kMoved, std::uint64_t{0b101} << 60);
}

}  // namespace
}  // namespace edgebin
