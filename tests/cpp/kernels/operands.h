// Shared by the tests of all kernels: a fixture that runs once per available instruction set, and
// the tiled layouts of kernels.h made from plain matrices. It computes no expected values: each
// test has a naive loop of its own.
#ifndef EDGEBIN_TESTS_KERNELS_OPERANDS_H_
#define EDGEBIN_TESTS_KERNELS_OPERANDS_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "base/bits.h"
#include "kernels/dispatch.h"
#include "ops/layout.h"

namespace edgebin::kernels {

inline void PrintTo(const Kernels& kernels, std::ostream* out) { *out << kernels.isa; }

class IsaTest : public testing::TestWithParam<Kernels> {
 protected:
  const Kernels& kernels() const { return GetParam(); }

  // Uniform over first..last.
  int pick(int first, int last) { return std::uniform_int_distribution<int>(first, last)(random_); }

  std::mt19937_64 random_{20170223};
};

inline std::string isa_name(const testing::TestParamInfo<Kernels>& info) { return info.param.isa; }

#define EDGEBIN_FOR_EVERY_ISA(suite)                                                              \
  INSTANTIATE_TEST_SUITE_P(Isa, suite, testing::ValuesIn(available().begin(), available().end()), \
                           isa_name)

// A row-major matrix.
template <class T>
struct Matrix {
  Matrix(int rows_, int columns_, T value = T{})
      : rows(rows_),
        columns(columns_),
        values(static_cast<std::size_t>(rows_) * static_cast<std::size_t>(columns_), value) {}

  T& operator()(int row, int column) { return values[at(row, column)]; }
  const T& operator()(int row, int column) const { return values[at(row, column)]; }

  std::size_t at(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
           static_cast<std::size_t>(column);
  }

  bool operator==(const Matrix&) const = default;

  int rows;
  int columns;
  std::vector<T> values;
};

// [n][k] -> [n / tile][k / run][tile][run]; rows a multiple of tile, columns one of run.
template <class T>
std::vector<T> tiled(const Matrix<T>& matrix, int tile, int run) {
  std::vector<T> out;
  out.reserve(matrix.values.size());
  for (int n = 0; n < matrix.rows; n += tile) {
    for (int k = 0; k < matrix.columns; k += run) {
      for (int i = 0; i < tile; ++i) {
        for (int j = 0; j < run; ++j) out.push_back(matrix(n + i, k + j));
      }
    }
  }
  return out;
}

// `rows`, each padded to a multiple of `align` elements, with ones.
inline Operand<std::uint8_t> padded_rows(const Matrix<std::uint8_t>& rows, int align) {
  const int step = align_up(rows.columns, align);
  Operand<std::uint8_t> out(static_cast<std::size_t>(rows.rows) * static_cast<std::size_t>(step),
                            1);
  for (int row = 0; row < rows.rows; ++row) {
    std::copy_n(&rows(row, 0), rows.columns, out.data() + std::ptrdiff_t{row} * step);
  }
  return out;
}

// Each row of `codes` as two planes of `words` words.
inline std::vector<Word> planes(const Matrix<std::uint8_t>& codes, int words) {
  std::vector<Word> out(static_cast<std::size_t>(codes.rows) * 2 * static_cast<std::size_t>(words));
  for (int p = 0; p < codes.rows; ++p) {
    Word* const plane0 = out.data() + std::ptrdiff_t{2} * p * words;
    for (int k = 0; k < codes.columns; ++k) {
      plane0[k / kWordBits] |= Word(codes(p, k) & 1) << (k % kWordBits);
      plane0[words + k / kWordBits] |= Word(codes(p, k) >> 1) << (k % kWordBits);
    }
  }
  return out;
}

// `matrix` with rows `step` apart, and the slack that kernels may read past integer sums.
template <class T>
std::vector<T> stepped(const Matrix<T>& matrix, int step) {
  std::vector<T> out(static_cast<std::size_t>(matrix.rows) * static_cast<std::size_t>(step) +
                     kSumSlack / sizeof(T));
  for (int row = 0; row < matrix.rows; ++row) {
    std::copy_n(&matrix(row, 0), matrix.columns, out.data() + std::ptrdiff_t{row} * step);
  }
  return out;
}

}  // namespace edgebin::kernels

#endif  // EDGEBIN_TESTS_KERNELS_OPERANDS_H_
