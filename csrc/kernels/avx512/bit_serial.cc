// Bit-serial product: AND and a popcount of whole words. Lanes are output channels: a vector holds
// one weight word of each of eight channels.
//
//   instruction     latency  Zen 4 ports  Ice Lake ports   per 8 channels x 64 k
//   vpandq m{1to8}     1      FP0123       p05 + load       2
//   vpopcntq           2      FP01         p5               2
//   vpaddq             1      FP0123       p05              2
//   Bottleneck: Zen 4 has 256-bit ports, so 12 passes over four of them make 3 cycles for 512 MAC:
//   171 MAC/cycle; Ice Lake 3 cycles by p05: 171 as well.
//
// The two planes are counted apart and joined at the end: every counter has 64 bits and cannot
// overflow.
#include <immintrin.h>

#include "kernels/kernels.h"

#include "kernels/generic/row_tiles.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kLanes = 8;
constexpr int kTile = 2 * kLanes;  // channels
constexpr int kRows = 4;           // pixels that share the loads of a weight tile

inline __m512i broadcast(Word word) { return _mm512_set1_epi64(static_cast<long long>(word)); }

inline __m512i add_count(__m512i count, __m512i weights, __m512i plane) {
  return _mm512_add_epi64(count, _mm512_popcnt_epi64(_mm512_and_si512(weights, plane)));
}

// |plane0| + 2 |plane1| of a row.
inline std::int32_t total_of(const Word* row, int words) {
  std::int64_t total = 0;
  for (int k = 0; k < words; ++k) {
    total += _mm_popcnt_u64(row[k]) + 2 * _mm_popcnt_u64(row[words + k]);
  }
  return static_cast<std::int32_t>(total);
}

// 2 (count0 + 2 count1) - total, as eight i32.
inline __m256i finish(__m512i count0, __m512i count1, std::int32_t total) {
  const __m512i positive = _mm512_add_epi64(count0, _mm512_slli_epi64(count1, 1));
  const __m256i narrow = _mm512_cvtepi64_epi32(positive);
  return _mm256_sub_epi32(_mm256_slli_epi32(narrow, 1), _mm256_set1_epi32(total));
}

template <int kPixels>
void multiply_tile(const Word* rows, const Word* tile, const std::int32_t* totals,
                   std::int32_t* acc, int channels, int words) {
  const __m512i zero = _mm512_setzero_si512();
  __m512i count0[kPixels][2];
  __m512i count1[kPixels][2];
  for (int p = 0; p < kPixels; ++p) {
    count0[p][0] = count0[p][1] = count1[p][0] = count1[p][1] = zero;
  }
  for (int k = 0; k < words; ++k, tile += kTile) {
    const __m512i weights0 = _mm512_loadu_si512(tile);
    const __m512i weights1 = _mm512_loadu_si512(tile + kLanes);
    for (int p = 0; p < kPixels; ++p) {
      const Word* const row = rows + std::ptrdiff_t{2} * p * words + k;
      const __m512i plane0 = broadcast(row[0]);
      const __m512i plane1 = broadcast(row[words]);
      count0[p][0] = add_count(count0[p][0], weights0, plane0);
      count0[p][1] = add_count(count0[p][1], weights1, plane0);
      count1[p][0] = add_count(count1[p][0], weights0, plane1);
      count1[p][1] = add_count(count1[p][1], weights1, plane1);
    }
  }
  for (int p = 0; p < kPixels; ++p) {
    __m256i* const at = reinterpret_cast<__m256i*>(acc + std::ptrdiff_t{p} * channels);
    _mm256_storeu_si256(at, finish(count0[p][0], count1[p][0], totals[p]));
    _mm256_storeu_si256(at + 1, finish(count0[p][1], count1[p][1], totals[p]));
  }
}

template <int kPixels>
void row_tile(const Word* rows, const Word* weights, std::int32_t* acc, int channels, int words) {
  std::int32_t totals[kPixels];
  for (int p = 0; p < kPixels; ++p) {
    totals[p] = total_of(rows + std::ptrdiff_t{2} * p * words, words);
  }
  for (int n = 0; n < channels; n += kTile) {
    multiply_tile<kPixels>(rows, weights + std::ptrdiff_t{n} * words, totals, acc + n, channels,
                           words);
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

}  // namespace edgebin::kernels::avx512
