// Convolution by matrix tiles of every instruction set that has them, against plain sums: every
// number of tiles and columns, strides, the largest sums; codes to bytes; joined rows; and what a
// fork, a thread and a signal handler see.
#include "kernels/matrix_tiles_operands.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>

namespace edgebin::kernels {
namespace {

class MatrixTilesKernel : public IsaTest {
 protected:
  void SetUp() override {
    if (tiles().name == nullptr) GTEST_SKIP() << kernels().isa << " has no matrix tiles";
  }

  const MatrixTiles& tiles() const { return kernels().matrix_tiles; }

  // Steps one behind the other in rows of `blocks` steps.
  static TilesShape shape_of(int tiles, int channels, int blocks, int steps) {
    TilesShape shape = {tiles, channels, blocks * kTileDepth, {}};
    for (int s = 0; s < steps; ++s) shape.offsets.push_back(std::ptrdiff_t{s} * kTileDepth);
    return shape;
  }

  static std::size_t bytes_of(const TilesShape& shape) {
    const std::ptrdiff_t last = *std::ranges::max_element(shape.offsets);
    return static_cast<std::size_t>(std::ptrdiff_t{shape.positions()} * shape.row_bytes + last);
  }

  Operand<std::uint8_t> codes_of(const TilesShape& shape) {
    Operand<std::uint8_t> rows(bytes_of(shape));
    for (std::uint8_t& code : rows) code = static_cast<std::uint8_t>(pick(0, 3));
    return rows;
  }

  Matrix<std::int8_t> signs_of(const TilesShape& shape) {
    Matrix<std::int8_t> signs(shape.channels, shape.steps() * kTileDepth);
    for (std::int8_t& sign : signs.values) sign = pick(0, 1) == 0 ? -1 : 1;
    return signs;
  }

  void expect_right(const TilesShape& shape) {
    const Operand<std::uint8_t> rows = codes_of(shape);
    const Matrix<std::int8_t> signs = signs_of(shape);
    EXPECT_EQ(multiplied(tiles(), shape, rows, signs), counted(shape, rows, signs))
        << shape.tiles << " tiles, " << shape.channels << " channels, " << shape.steps()
        << " steps, rows of " << shape.row_bytes;
  }
};

TEST_P(MatrixTilesKernel, TakesEveryNumberOfTilesChannelsAndSteps) {
  for (int count = 1; count <= kMaxTiles; ++count) {
    for (int columns = 1; columns <= 5; ++columns) {
      for (const int steps : {1, 2, 3, 4, 5, 9}) {
        expect_right(shape_of(count, columns * kTileChannels, pick(1, 3), steps));
      }
    }
  }
}

TEST_P(MatrixTilesKernel, ReadsFromAnyOffsets) {
  for (int round = 0; round < 20; ++round) {
    TilesShape shape = shape_of(pick(1, kMaxTiles), kTileChannels * pick(1, 4), pick(1, 4), 0);
    for (int s = pick(1, 12); s > 0; --s) shape.offsets.push_back(kTileDepth * pick(0, 40));
    expect_right(shape);
  }
}

// All codes 3, all weights of a sign, as many as a channel may have.
TEST_P(MatrixTilesKernel, HoldsTheWorstCase) {
  const TilesShape shape = shape_of(kMaxTiles, 48, 1, kMaxLookupDepth / kTileDepth);
  const Operand<std::uint8_t> rows(bytes_of(shape), 3);
  for (const int sign : {-1, 1}) {
    const Matrix<std::int8_t> signs(shape.channels, shape.steps() * kTileDepth,
                                    static_cast<std::int8_t>(sign));
    const Matrix<std::int16_t> expected(shape.positions(), shape.channels,
                                        static_cast<std::int16_t>(3 * sign * signs.columns));
    EXPECT_EQ(multiplied(tiles(), shape, rows, signs), expected);
  }
}

TEST_P(MatrixTilesKernel, UnpacksCodes) {
  for (const int channels : {1, 16, 32, 63, 64, 65, 128, 200}) {
    const int words = ceil_div(channels, kWordBits);
    constexpr int kPixels = 7;
    constexpr int kStep = 3;  // every third pixel
    Matrix<std::uint8_t> codes(kPixels * kStep, channels);
    for (std::uint8_t& code : codes.values) code = static_cast<std::uint8_t>(pick(0, 3));
    const std::vector<Word> packed = planes(codes, words);
    for (const int byte_step : {channels, words * kWordBits}) {
      std::vector<std::uint8_t> bytes(
          static_cast<std::size_t>((kPixels - 1) * byte_step + words * kWordBits), 0xee);
      tiles().unpack({packed.data(), std::ptrdiff_t{2} * words * kStep, words, kPixels,
                      bytes.data(), byte_step});
      for (int p = 0; p < kPixels; ++p) {
        for (int c = 0; c < channels; ++c) {
          ASSERT_EQ(bytes[static_cast<std::size_t>(p * byte_step + c)], codes(p * kStep, c))
              << channels << " channels, pixel " << p << ", channel " << c;
        }
      }
    }
  }
}

TEST_P(MatrixTilesKernel, JoinsRows) {
  for (const int length : {3, 48, 64, 96, 128, 192, 195}) {
    constexpr int kCount = 5;
    const int row_bytes = align_up(length, kTileDepth);
    const int step = pick(1, length);
    std::vector<std::uint8_t> line(static_cast<std::size_t>(kCount * step + length + kTileDepth));
    std::iota(line.begin(), line.end(), std::uint8_t{1});
    Operand<std::uint8_t> rows(static_cast<std::size_t>(kCount * row_bytes), 0xee);
    tiles().join({line.data(), step, length, rows.data(), row_bytes, kCount});
    for (int p = 0; p < kCount; ++p) {
      for (int i = 0; i < row_bytes; ++i) {
        ASSERT_EQ(rows[static_cast<std::size_t>(p * row_bytes + i)],
                  i < length ? line[static_cast<std::size_t>(p * step + i)] : 0)
            << "length " << length << ", row " << p << ", byte " << i;
      }
    }
  }
}

// A child of a process that has multiplied, and the threads of both, may multiply too.
TEST_P(MatrixTilesKernel, RunsInThreadsAndAfterAFork) {
  const TilesShape shape = shape_of(3, 64, 2, 9);
  const Operand<std::uint8_t> rows = codes_of(shape);
  const Matrix<std::int8_t> signs = signs_of(shape);
  const Matrix<std::int16_t> expected = counted(shape, rows, signs);
  const auto is_right = [&] { return multiplied(tiles(), shape, rows, signs) == expected; };
  const auto is_right_in_a_thread = [&] {
    bool right = false;
    std::thread([&] { right = is_right(); }).join();
    return right;
  };
  EXPECT_TRUE(is_right());
  EXPECT_TRUE(is_right_in_a_thread());
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(is_right() && is_right_in_a_thread() ? 0 : 1);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
}

std::atomic<int> signals_seen = 0;

void count_signal(int) { ++signals_seen; }

// A signal handler on an alternate stack of the size that the system asks for interrupts a product.
TEST_P(MatrixTilesKernel, SurvivesSignalsOnAnAlternateStack) {
  std::vector<std::byte> stack(static_cast<std::size_t>(sysconf(_SC_SIGSTKSZ)));
  stack_t alternate = {};
  alternate.ss_sp = stack.data();
  alternate.ss_size = stack.size();
  stack_t old_stack = {};
  ASSERT_EQ(sigaltstack(&alternate, &old_stack), 0);
  struct sigaction action = {};
  action.sa_handler = count_signal;
  action.sa_flags = SA_ONSTACK;
  struct sigaction old_action = {};
  ASSERT_EQ(sigaction(SIGUSR1, &action, &old_action), 0);

  const TilesShape shape = shape_of(kMaxTiles, 64, 1, 100);
  const Operand<std::uint8_t> rows = codes_of(shape);
  const Matrix<std::int8_t> signs = signs_of(shape);
  const Matrix<std::int16_t> expected = counted(shape, rows, signs);
  const pthread_t here = pthread_self();
  std::atomic<bool> done = false;
  signals_seen = 0;
  std::thread sender([&] {
    while (!done) {
      pthread_kill(here, SIGUSR1);
      std::this_thread::yield();
    }
  });
  int right = 0;
  constexpr int kRounds = 50;
  for (int round = 0; round < kRounds; ++round) {
    right += multiplied(tiles(), shape, rows, signs) == expected ? 1 : 0;
  }
  done = true;
  sender.join();
  EXPECT_EQ(right, kRounds);
  EXPECT_GT(signals_seen, 0);
  EXPECT_EQ(sigaction(SIGUSR1, &old_action, nullptr), 0);
  EXPECT_EQ(sigaltstack(&old_stack, nullptr), 0);
}

EDGEBIN_FOR_EVERY_ISA(MatrixTilesKernel);

}  // namespace
}  // namespace edgebin::kernels
