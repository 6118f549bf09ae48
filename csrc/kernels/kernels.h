// The contract of every kernel: its formula, the layout of its operands, its bounds.
//
// Kernels take raw pointers and counts. They know no tensors, no threads and no files, allocate
// nothing and cannot fail. Every implementation (one folder per instruction set) gives the same
// bits for the same operands. Every count is at least 1. Besides this header, which includes
// nothing that could emit code, an instruction-set folder includes generic/ alone.
#ifndef EDGEBIN_KERNELS_KERNELS_H_
#define EDGEBIN_KERNELS_KERNELS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/kernel_list.h"

namespace edgebin::kernels {

// A plane holds one bit of each 2-bit code, 64 channels to a word, channel 0 in the lowest bit.
using Word = std::uint64_t;
inline constexpr int kWordBits = 64;

// Bit-serial product of codes and binary weights (rows are those of im2col).
//
//   acc[p][n] = sum over k of b[n][k] * u[p][k],   b in {-1, +1}, u in {0, 1, 2, 3}
//             = 2 * (|w & plane0| + 2 |w & plane1|) - (|plane0| + 2 |plane1|),
//   where w holds bit (b + 1) / 2 and |.| counts bits.
//
//   rows     [pixels][2][words]: plane 0, then plane 1 of each row; bits past the row's length
//            are zero in both planes (the weights there may be anything).
//   weights  [channels / bit_serial_tile][words][bit_serial_tile]
//   acc      [pixels][channels]; channels is a multiple of bit_serial_tile
//   words    at most 65,536 (so that an i32 holds the sum)
using BitSerialFn = void (*)(const Word* rows, const Word* weights, std::int32_t* acc, int pixels,
                             int channels, int words);

// Integer product of u8 inputs and s8 weights, exact (nothing saturates).
//
//   acc[p][n] = sum over k of w[n][k] * a[p][k]
//
//   rows     [pixels][depth rounded up to u8s8_row_align] u8; depth is a multiple of u8s8_unit,
//   what
//            follows in a row may be anything; sums of |w| a fit an i32
//   weights  [channels / u8s8_tile][depth / u8s8_unit][u8s8_tile][u8s8_unit] s8
//   acc      [pixels][channels]; channels is a multiple of u8s8_tile
//
// Calls of u8s8_pixels pixels, or multiples of them, are the fastest.
inline constexpr int kU8s8Pixels = 12;  // of kernels that take four or six at a time
using U8s8Fn = void (*)(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc,
                        int pixels, int channels, int depth);

// Single-precision product; k ascending, each product and each sum rounded, starting at +0.
//
//   acc[p][n] = sum over k of a[p][k] * w[n][k]
//
//   rows     [pixels][depth] f32
//   weights  [channels / f32_tile][depth][f32_tile] f32
//   acc      [pixels][channels]; channels is a multiple of f32_tile
using F32Fn = void (*)(const float* rows, const float* weights, float* acc, int pixels,
                       int channels, int depth);

// The epilogue: what becomes of the sums of a product, for `pixels` neighbouring output pixels.
//
// Integer sums (i16 or i32) may be read up to kSumSlack bytes past the last one. Codes are written
// in whole words; bits past the channels become zero.
inline constexpr std::size_t kSumSlack = 64;

struct CodesOut {
  Word* words;           // plane 0 of the first pixel
  std::ptrdiff_t step;   // words from one pixel to the next
  std::ptrdiff_t plane;  // words from a pixel's plane 0 to its plane 1
};

// Codes of integer sums, where all that follows folds into thresholds:
//
//   code[p][n] = number of j with sums[p][n] > thresholds[j][n]
template <class Sum>
struct ThresholdTask {
  const Sum* sums;          // [pixels][channels], pixels sum_step apart
  std::ptrdiff_t sum_step;  // elements
  int pixels;
  int channels;
  const Sum* thresholds;  // [3][stride], ascending in j
  std::ptrdiff_t stride;  // a multiple of 64, at least channels
  CodesOut codes;
};
template <class Sum>
using ThresholdFn = void (*)(const ThresholdTask<Sum>& task);

// Values of sums as f32, and their codes:
//
//   y[p][n] = f32(sums[p][n]) * scale[n] + bias[n] (+ added[p][n]), every step rounded to f32
//   code[p][n] = number of j with sign[n] * y[p][n] > thresholds[j][n]; NaN exceeds none
template <class Sum>
struct EpilogueTask {
  const Sum* sums;          // [pixels][channels], pixels sum_step apart
  std::ptrdiff_t sum_step;  // elements
  int pixels;
  int channels;
  const float* scale;  // [channels]; null, of f32 sums only: y starts as the sum itself
  const float* bias;   // [channels]; null where scale is
  const float* added;  // [pixels][channels], pixels y_step apart; may be null, may be y
  float* y;            // as added; null where only codes are wanted
  std::ptrdiff_t y_step;
  const float* sign;        // [channels], +1 or -1; null where no codes are wanted
  const float* thresholds;  // [3][stride], ascending in j
  std::ptrdiff_t stride;
  CodesOut codes;
};
template <class Sum>
using EpilogueFn = void (*)(const EpilogueTask<Sum>& task);

// Reduction of one pooling window per channel, tap by tap in order: `taps` points to the channels
// of `count` pixels; only max takes a window of none.
//
//   max   y[c] = the running maximum, from -inf on; a value replaces it if it is larger, NaN never
//   mean  y[c] = (0 + taps[0][c] + taps[1][c] + ..) / divisor, each sum rounded
using MaxFn = void (*)(const float* const* taps, int count, int channels, float* y);
using MeanFn = void (*)(const float* const* taps, int count, int channels, float divisor, float* y);

// Maximum of integer sums before their epilogue, of one pixel at least: y[c] is the largest sum
// where flip[c] is 0, the smallest where it is -1.
using MaxSumFn = void (*)(const std::int32_t* const* taps, int count, int channels,
                          const std::int32_t* flip, std::int32_t* y);

// Convolution of codes and binary weights by table lookup: the weights' bits are the index.
//
//   sums[p][n] = sum over t, c of b[n][t][c] * u[p][t][c],   b in {-1, +1}, u in {0, 1, 2, 3}
//              = 2 * (sum of u where b = +1) - sum of u
//
// over the taps t of a window and the input channels c. The channels of a pixel fall into groups of
// `group` neighbours; no group crosses a word, so the last one of a word may have fewer. A group's
// table at an input pixel holds, for each pattern of weights, what the group adds to the sum:
//
//   table[i] = sum over j of bit j of i * u[j],   0 <= i < 2^group, one byte each
//
// (in a group of fewer channels, entries that none of its patterns selects may be anything). Tables
// are built once per input pixel and serve every tap and output channel that reads it. Those of
// `lanes` rows of pixels lie side by side, one vector; where two lanes share a table, the lower
// half of each byte is the entry of the even lane, the upper half that of the odd lane.
struct TableTask {
  const Word* codes;         // plane 0 of lane 0's first pixel; bits past its channels are zero
  std::ptrdiff_t step;       // words from one pixel of a lane to the next
  std::ptrdiff_t lane_step;  // words from one lane's first pixel to the next one's
  std::ptrdiff_t plane;      // words from a pixel's plane 0 to its plane 1
  int slots;                 // pixels of each lane
  int groups;                // of each pixel
  std::uint8_t* tables;      // [groups][slots][lanes / shared][2^group], group_stride bytes apart;
  std::ptrdiff_t group_stride;  // both are multiples of a vector of tables
  std::int32_t* totals;         // [slots][lanes]: the sum of the codes of all groups
};
using TableFn = void (*)(const TableTask& task);

// Taps of one window row that read neighbouring tables.
struct LookupRun {
  std::ptrdiff_t offset;  // bytes from LookupTask::tables to the first tap's table, group 0
  std::ptrdiff_t totals;  // elements from LookupTask::totals to the first tap's
  int taps;               // 1 to kMaxTaps
};
inline constexpr int kMaxTaps = 3;

// Output pixels come as `vectors` vectors of Lookup::lanes pixels each; lane l of vector v is pixel
// l * vectors + v. With S = lanes / shared << group, the bytes of a vector of tables, the table of
// tap j of run r, group g, lane l of vector v lies at
//
//   tables + r.offset + g * group_stride + (v + j) * S + (l / shared << group),
//
// and the total of that pixel at totals + r.totals + (v + j) * lanes + l. Up to kTotalSlack totals
// behind those may be read.
//
// |sums| and thrice the number of weights fit 16 bits (at most kMaxLookupDepth weights a channel).
struct LookupTask {
  const std::uint8_t* tables;  // vectors of tables are aligned to their size
  std::ptrdiff_t group_stride;
  int groups;
  const LookupRun* runs;
  int run_count;
  int vectors;                  // 1 to Lookup::max_vectors
  int channels;                 // a multiple of the tile
  const std::uint8_t* weights;  // [channels / tile][runs][groups][taps of the run][tile] indices;
                                // of a tile's lower half at the even bytes, upper half at the odd
  const std::int32_t* totals;
  std::int16_t* sums;  // [lanes * vectors][channels]
};
inline constexpr int kTotalSlack = 32;
using LookupFn = void (*)(const LookupTask& task);
inline constexpr int kMaxLookupDepth = 10'922;

// A variant of table lookup. An implementation may have several, for many and for few channels.
struct Lookup {
  const char* name;
  int group;        // input channels of a table
  int lanes;        // output pixels of a vector, at most kMaxLanes
  int shared;       // lanes that share a table: 1 or 2
  int tile;         // output channels of a vector
  int max_vectors;  // of a task
  TableFn build;
  LookupFn multiply;
};
inline constexpr int kMaxLookups = 3;
inline constexpr int kMaxLanes = 4;

// Convolution of codes and binary weights on matrix tiles, registers of kTileRows rows of
// kTileDepth bytes, by an instruction that multiplies two of them:
//
//   sums[p][n] = sum over s, k of b[n][s][k] * rows[p * row_bytes + offsets[s] + k],
//                b in {-1, +1}, 0 <= p < kTileRows * tiles, 0 <= s < steps, 0 <= k < kTileDepth
//
// The weights of kTileChannels channels and a step are kTileBits bytes. That of column j is bit
// k / 4 % 8 of byte k / 32 * 64 + 4 * j + k % 4, set for +1; where rows hold a zero it may be
// anything. Channels come in pairs of tiles, so that sums of both can be packed to 16 bits without
// being sorted: channel n of the 32 of a pair is column n / 8 * 4 + n % 4 of tile n / 4 % 2. The
// channels of a last tile without a partner are its columns.
inline constexpr int kTileRows = 16;
inline constexpr int kTileDepth = 64;
inline constexpr int kTileChannels = 16;
inline constexpr int kTileBits = kTileDepth * kTileChannels / 8;
inline constexpr int kMaxTiles = 5;

// |sums| fit 16 bits (at most kMaxLookupDepth weights a channel), of those positions that matter.
struct MatrixTilesTask {
  const std::uint8_t* rows;       // codes, one to a byte
  std::ptrdiff_t row_bytes;       // from one position to the next; a multiple of 64, as offsets are
  const std::ptrdiff_t* offsets;  // [steps]
  int steps;
  int tiles;                    // of positions, at most kMaxTiles
  int channels;                 // a multiple of kTileChannels
  const std::uint8_t* weights;  // [channels / kTileChannels][steps][kTileBits], aligned to 64 bytes
  std::int16_t* sums;           // [kTileRows * tiles][channels]
};

// Codes of `pixels` pixels as bytes, at least as many of each as it has channels: up to 64 * words
// bytes, in order, so that a pixel overwrites what the one before it wrote past its channels.
struct CodeBytesTask {
  const Word* codes;    // plane 0 of the first pixel; plane 1 lies `words` behind it
  std::ptrdiff_t step;  // words from one pixel to the next
  int words;
  int pixels;
  std::uint8_t* bytes;
  std::ptrdiff_t byte_step;  // bytes from one pixel to the next
};

// Positions that overlap in a line of bytes, apart: rows[p][i] = line[p * step + i] for i < length,
// 0 for the rest of row_bytes.
struct JoinTask {
  const std::uint8_t* line;
  std::ptrdiff_t step;
  int length;
  std::uint8_t* rows;        // [count][row_bytes], aligned to 64 bytes
  std::ptrdiff_t row_bytes;  // the multiple of 64 that follows length
  int count;
};

// Tiles are configured by the thread that multiplies, and released before it returns from the
// library: no tile is live across a fork or while a signal handler of the caller runs elsewhere.
// Between configure and release any other kernel may run.
struct MatrixTiles {
  const char* name;  // null: the implementation has no matrix tiles
  void (*configure)();
  void (*release)();
  void (*multiply)(const MatrixTilesTask& task);
  void (*unpack)(const CodeBytesTask& task);
  void (*join)(const JoinTask& task);
};

// Convolution with one input channel for each output channel (depthwise), where the vectors run
// over channels:
//
//   sums[p][c] = sum over r, k of weights[r][k][c] * input[r][p][k][c],
//   where input[r][p][k] = rows[r] + offset + p * pixel_step + k * column_step,
//
// over the taps of the windows that lie inside the image, which are the same for all pixels of a
// task. Sums start at zero; r ascends, then k, which is the order in which f32 is rounded, each
// product and each sum.
//
//   codes  {-1, +1} x 0..3 gives i16: at most kMaxDepthwiseCodeTaps taps
//   u8     i16 weights within -128..127, i32 sums that do not overflow
//   f32
//
// Except of f32, `channels` is a multiple of kDepthwiseUnit. Inputs and weights past those that are
// wanted may be anything.
template <class Input, class Weight, class Sum>
struct DepthwiseTask {
  const Input* const* rows;  // [row_count]
  int row_count;
  int columns;            // taps of each row
  std::ptrdiff_t offset;  // this and the following are counted in elements
  std::ptrdiff_t column_step;
  std::ptrdiff_t pixel_step;
  const Weight* weights;           // of the first tap
  std::ptrdiff_t weight_row_step;  // from the weights of a row's first tap to those of the next row
  std::ptrdiff_t weight_step;      // from the weights of a tap to those of the next of its row
  int pixels;
  int channels;
  Sum* sums;  // [pixels][channels], pixels sum_step apart
  std::ptrdiff_t sum_step;
};
using DepthwiseCodesTask = DepthwiseTask<std::uint8_t, std::int8_t, std::int16_t>;
using DepthwiseU8Task = DepthwiseTask<std::uint8_t, std::int16_t, std::int32_t>;
using DepthwiseF32Task = DepthwiseTask<float, float, float>;
using DepthwiseCodesFn = void (*)(const DepthwiseCodesTask& task);
using DepthwiseU8Fn = void (*)(const DepthwiseU8Task& task);
using DepthwiseF32Fn = void (*)(const DepthwiseF32Task& task);
inline constexpr int kDepthwiseUnit = 16;
inline constexpr int kMaxDepthwiseCodeTaps = 10'922;

// Codes as bytes: bytes[p][c] = the code of channel c of pixel p.
struct ExpandTask {
  const Word* words;     // plane 0 of the first pixel
  std::ptrdiff_t step;   // words from one pixel to the next
  std::ptrdiff_t plane;  // words from a pixel's plane 0 to its plane 1
  int pixels;
  int channels;         // a multiple of kDepthwiseUnit; bits up to there are read
  std::uint8_t* bytes;  // [pixels][channels], pixels byte_step apart
  std::ptrdiff_t byte_step;
};
using ExpandFn = void (*)(const ExpandTask& task);

// Reductions of f32. Sums start at +0 and maxima at -inf; a larger value replaces a maximum, NaN
// never.
//
// Over channels, kReduceParts parts are interleaved: part j takes channels j, j + kReduceParts, ...
// in order. Then parts 8 to 15 are combined into parts 0 to 7 (8 into 0, and so on), 4 to 7 into 0
// to 3, 2 and 3 into 0 and 1, and 1 into 0. (A sum that starts at +0 is never -0, so adding the +0
// of a part without channels changes nothing.)
inline constexpr int kReduceParts = 16;

// Over the rows of a matrix: y[c] = x[0][c] combined with x[1][c], x[2][c], ...
//
//   x  [rows][channels], rows row_step apart
struct RowsTask {
  const float* x;
  std::ptrdiff_t row_step;  // elements
  int rows;
  int channels;
  float* y;  // [channels]
};
using RowsFn = void (*)(const RowsTask& task);

// Over the channels of each pixel: y[p] = the sum, the maximum, or the index of the first of the
// largest values, 0 where none is above -inf.
//
//   x  [pixels][channels]; channels is at most 2^24
using PixelsFn = void (*)(const float* x, std::ptrdiff_t pixels, int channels, float* y);

// y[p][c] = x[p][c] / d, where d is eps if that is larger than l, else l, the square root of the
// sum over channels of x[p][c] * x[p][c]; every step rounded to f32.
using L2NormalizeFn = void (*)(const float* x, std::ptrdiff_t pixels, int channels, float eps,
                               float* y);

// Sums over rows in f64, in their order: y[c] = the sum of x[r][c], or, with `means`, of
// (x[r][c] - means[c])^2, every step rounded.
struct MomentTask {
  const float* x;  // as in RowsTask
  std::ptrdiff_t row_step;
  int rows;
  int channels;
  const double* means;  // [channels], or null
  double* y;            // [channels]
};
using MomentFn = void (*)(const MomentTask& task);

// y[p][c] = f32((x[p][c] - means[c]) * factors[c] * scale[c] + bias[c]), in f64, from left to
// right.
struct GroupNormTask {
  const float* x;  // [pixels][channels]
  std::ptrdiff_t pixels;
  int channels;
  const double* means;    // [channels]
  const double* factors;  // [channels]
  const float* scale;     // [channels]
  const float* bias;      // [channels]
  float* y;               // [pixels][channels]
};
using GroupNormFn = void (*)(const GroupNormTask& task);

// As GroupNormTask with the mean and the factor of each pixel, in f64: mean = the sum over channels
// / channels, factor = 1 / sqrt((the sum over channels of (x - mean)^2) / channels + eps).
struct LayerNormTask {
  const float* x;  // [pixels][channels]
  std::ptrdiff_t pixels;
  int channels;
  const float* scale;  // [channels]
  const float* bias;   // [channels]
  double eps;
  float* y;  // [pixels][channels]
};
using LayerNormFn = void (*)(const LayerNormTask& task);

// Functions of f32, element by element: y[i] = f(x[i]), operation by operation as FORMAT.md has
// them. Nothing is flushed to zero; NaN stays NaN. Of these and what follows y overlaps no operand.
using UnaryFn = void (*)(const float* x, std::ptrdiff_t count, float* y);

// clamp  low where x < low, then high where that is > high
// elu    x where x > 0, else alpha * (exp(x) - 1)
// prelu  x[p][c] where that is > 0, else slope[c] * x[p][c]
using ClampFn = void (*)(const float* x, std::ptrdiff_t count, float low, float high, float* y);
using EluFn = void (*)(const float* x, std::ptrdiff_t count, float alpha, float* y);
using PreluFn = void (*)(const float* x, std::ptrdiff_t pixels, int channels, const float* slope,
                         float* y);

// Sum, difference or product: y[i] = a[i] + b[i] and so on. One of a and b may be a single number,
// which is taken for all i.
struct BinaryTask {
  const float* a;
  const float* b;
  bool a_is_one;
  bool b_is_one;  // false where a_is_one
  std::ptrdiff_t count;
  float* y;
};
using BinaryFn = void (*)(const BinaryTask& task);

// One implementation of all of the above, and the tile shapes that its operands are laid out in.
struct Kernels {
  const char* isa;
#define EDGEBIN_MEMBER(kernel, type) type kernel;
  EDGEBIN_KERNELS(EDGEBIN_MEMBER)
#undef EDGEBIN_MEMBER
  int bit_serial_tile;
  int u8s8_tile;
  int u8s8_unit;       // divides 64
  int u8s8_row_align;  // a multiple of the unit, at most 64
  int u8s8_pixels;
  int f32_tile;
  Lookup lookups[kMaxLookups];  // the first lookup_count
  int lookup_count;
  MatrixTiles matrix_tiles;
};

}  // namespace edgebin::kernels

#endif  // EDGEBIN_KERNELS_KERNELS_H_
