// Bit-serial product: AND, then popcount by table (Mula): pshufb looks up the 32 nibbles of a
// vector. Lanes are output channels: a vector holds one weight word of each of four channels.
//
//   instruction     latency  Zen 4 ports  Skylake ports  Ice Lake ports   per 4 channels x 64 k
//   vpand              1      FP0123       p015           p015             4
//   vpshufb            1      FP12         p5             p15              4
//   vpaddb             1      FP0123       p015           p015             4
//   vpbroadcastq m     -      load         load           load             2 (4 for two vectors)
//   vpsadbw            3      FP03         p5             p5               1 per 10 words
//   Bottleneck: 12 vector operations for 256 MAC: on Zen 3 cycles, 85 MAC/cycle; on Intel 4 cycles,
//   64 MAC/cycle (on Skylake by p5 as well).
//
// Mula's popcount of a word takes 8 operations; 6 suffice here, for the nibbles are split before
// the AND, where the work is shared: rows once for all channels (into a chunk on the stack),
// weights once for all pixels of a group.
//
// Bound. A byte counter takes, per word, two nibbles of plane 0 (at most 4 each) and two of
// plane 1 through a doubled table (at most 8 each): at most 24. kBlock = 10 words make at most
// 240 <= 255; 11 could make 264. So counters are summed (vpsadbw) after every 10 words at most.
#include <immintrin.h>

#include "kernels/kernels.h"

#include "kernels/generic/row_tiles.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kTile = 8;    // channels: two vectors
constexpr int kRows = 4;    // pixels that share the loads of a weight tile
constexpr int kBlock = 10;  // words between two sums of the byte counters
static_assert(kBlock * 24 <= 255);
// Blocks that are split at once, of all pixels: weights then come in long runs, which the caches
// fetch ahead, and the split words still fit half of the first one.
constexpr int kChunk = 48;

// One word of one row, ready for the AND: nibbles in the low halves of bytes.
struct SplitWord {
  std::uint64_t low0, high0, low1, high1;
};

// kPixels rows, up to kBlocks * kBlock words of each.
template <int kPixels>
struct Chunk {
  static constexpr int kBlocks = kChunk / kPixels;
  static constexpr int kWords = kBlocks * kBlock;
  SplitWord words[kWords][kPixels];
  int total[kPixels];  // |plane0| + 2 |plane1|, over the words of the chunk
};

SplitWord split(Word plane0, Word plane1) {
  constexpr Word kLow = 0x0f0f0f0f0f0f0f0f;
  return {plane0 & kLow, plane0 >> 4 & kLow, plane1 & kLow, plane1 >> 4 & kLow};
}

// `rows` points at the chunk's first word of plane 0 of the first row.
template <int kPixels>
void fill(Chunk<kPixels>& chunk, const Word* rows, int words, int count) {
  for (int p = 0; p < kPixels; ++p) {
    const Word* const plane0 = rows + std::ptrdiff_t{2} * p * words;
    const Word* const plane1 = plane0 + words;
    std::int64_t total = 0;
    for (int k = 0; k < count; ++k) {
      chunk.words[k][p] = split(plane0[k], plane1[k]);
      total += _mm_popcnt_u64(plane0[k]) + 2 * _mm_popcnt_u64(plane1[k]);
    }
    chunk.total[p] = static_cast<int>(total);
  }
}

inline __m256i broadcast(std::uint64_t word) {
  return _mm256_set1_epi64x(static_cast<long long>(word));
}

// Adds the counts of one split word under one weight vector to the 32 byte counters.
inline __m256i add_counts(__m256i counters, const SplitWord& word, __m256i low, __m256i high,
                          __m256i ones, __m256i twos) {
  const __m256i a = _mm256_shuffle_epi8(ones, _mm256_and_si256(low, broadcast(word.low0)));
  const __m256i b = _mm256_shuffle_epi8(ones, _mm256_and_si256(high, broadcast(word.high0)));
  const __m256i c = _mm256_shuffle_epi8(twos, _mm256_and_si256(low, broadcast(word.low1)));
  const __m256i d = _mm256_shuffle_epi8(twos, _mm256_and_si256(high, broadcast(word.high1)));
  return _mm256_add_epi8(_mm256_add_epi8(counters, _mm256_add_epi8(a, b)), _mm256_add_epi8(c, d));
}

// The low halves of four and four 64-bit sums: channels 0..3 and 4..7.
inline __m256i join(__m256i first, __m256i second) {  // 0 _ 1 _ | 2 _ 3 _, 4 _ 5 _ | 6 _ 7 _
  const __m256 mixed =
      _mm256_shuffle_ps(_mm256_castsi256_ps(first), _mm256_castsi256_ps(second), 0x88);
  return _mm256_permute4x64_epi64(_mm256_castps_si256(mixed), 0xd8);  // 0 1 4 5 | 2 3 6 7
}

// One tile of channels under `count` words of a chunk: acc[p][0..kTile) gets the chunk's part of
// the formula, in place of what was there if the chunk is the `first`, on top of it if not.
template <int kPixels>
void multiply_chunk(const Chunk<kPixels>& chunk, const Word* tile, std::int32_t* acc, int channels,
                    int count, bool first) {
  const __m256i ones = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                        0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i twos = _mm256_add_epi8(ones, ones);
  const __m256i zero = _mm256_setzero_si256();
  __m256i sums0[kPixels];
  __m256i sums1[kPixels];
  for (int p = 0; p < kPixels; ++p) sums0[p] = sums1[p] = zero;
  for (int k = 0; k < count;) {
    const int end = count - k < kBlock ? count : k + kBlock;
    __m256i counters0[kPixels];
    __m256i counters1[kPixels];
    for (int p = 0; p < kPixels; ++p) counters0[p] = counters1[p] = zero;
    for (; k < end; ++k, tile += kTile) {
      const __m256i* const at = reinterpret_cast<const __m256i*>(tile);
      const __m256i low0 = _mm256_loadu_si256(at);
      const __m256i low1 = _mm256_loadu_si256(at + 1);
      const __m256i high0 = _mm256_srli_epi64(low0, 4);  // the next byte's bits are ANDed off
      const __m256i high1 = _mm256_srli_epi64(low1, 4);
      for (int p = 0; p < kPixels; ++p) {
        const SplitWord& word = chunk.words[k][p];
        counters0[p] = add_counts(counters0[p], word, low0, high0, ones, twos);
        counters1[p] = add_counts(counters1[p], word, low1, high1, ones, twos);
      }
    }
    for (int p = 0; p < kPixels; ++p) {
      sums0[p] = _mm256_add_epi64(sums0[p], _mm256_sad_epu8(counters0[p], zero));
      sums1[p] = _mm256_add_epi64(sums1[p], _mm256_sad_epu8(counters1[p], zero));
    }
  }
  for (int p = 0; p < kPixels; ++p) {
    __m256i* const at = reinterpret_cast<__m256i*>(acc + std::ptrdiff_t{p} * channels);
    const __m256i positive = join(sums0[p], sums1[p]);
    const __m256i part =
        _mm256_sub_epi32(_mm256_add_epi32(positive, positive), _mm256_set1_epi32(chunk.total[p]));
    _mm256_storeu_si256(at, first ? part : _mm256_add_epi32(_mm256_loadu_si256(at), part));
  }
}

template <int kPixels>
void row_tile(const Word* rows, const Word* weights, std::int32_t* acc, int channels, int words) {
  constexpr int kWords = Chunk<kPixels>::kWords;
  Chunk<kPixels> chunk;
  for (int k = 0; k < words; k += kWords) {
    const int count = words - k < kWords ? words - k : kWords;
    fill<kPixels>(chunk, rows + k, words, count);
    for (int n = 0; n < channels; n += kTile) {
      const Word* const tile = weights + std::ptrdiff_t{n} * words + std::ptrdiff_t{k} * kTile;
      multiply_chunk<kPixels>(chunk, tile, acc + n, channels, count, k == 0);
    }
  }
}

void bit_serial(const Word* rows, const Word* weights, std::int32_t* acc, int pixels, int channels,
                int words) {
  for_row_tiles<kRows>(pixels, [&]<int kPixels>(int p) {
    row_tile<kPixels>(rows + std::ptrdiff_t{2} * p * words, weights,
                      acc + std::ptrdiff_t{p} * channels, channels, words);
  });
}

}  // namespace

void install_bit_serial(Kernels& kernels) {
  kernels.bit_serial_tile = kTile;
  kernels.bit_serial = bit_serial;
}

}  // namespace edgebin::kernels::avx2
