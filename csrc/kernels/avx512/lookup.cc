// Table lookup. "lookup_wide" (VBMI): vpermb looks up 64 patterns of six weights in a table of 64
// bytes, a vector is 64 output channels of one pixel. "lookup_narrow": vpshufb, four weights, a
// vector is 16 output channels of four pixels, for layers of few channels.
//
//   instruction     latency  Zen 4 ports  Ice Lake ports   per 64 x 6 (narrow: 64 x 4) weights
//   vpermb, vpshufb   2, 1    FP12         p5               1
//   vpaddb             1      FP0123       p05              1
//   table load         -      load         load             (vectors + taps - 1) / (vectors x taps)
//   Bottleneck: with 256-bit ports both instructions keep all four busy for a cycle: 384 (256)
//   MAC/cycle; the same on Ice Lake, by p5.
//
// Bound. An entry is at most 3 per weight, 18 (12), so a byte holds 14 (21) lookups before
// generic/lookup.h adds it to a 16-bit sum.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

using Vector = __m512i;

inline Vector zero() { return _mm512_setzero_si512(); }
inline Vector add_bytes(Vector a, Vector b) { return _mm512_add_epi8(a, b); }
inline Vector add_words(Vector a, Vector b) { return _mm512_add_epi16(a, b); }
inline Vector subtract_words(Vector a, Vector b) { return _mm512_sub_epi16(a, b); }
inline Vector upper_bytes(Vector pairs) { return _mm512_srli_epi16(pairs, 8); }
inline Vector shift_up(Vector pairs) { return _mm512_slli_epi16(pairs, 8); }

inline void pin_table(Vector& table) { asm("" : "+v"(table)); }  // else gcc 12 loads it again
inline void pin_sum(Vector&) {}

constexpr int bits(int value) {
  int count = 0;
  for (; value != 0; value &= value - 1) ++count;
  return count;
}

// What the low bits of six channels add for each pattern of weights, by those bits.
struct alignas(64) TablesOfSix {
  std::uint8_t low[64][64];
};

constexpr TablesOfSix make_tables_of_six() {
  TablesOfSix tables{};
  for (int codes = 0; codes < 64; ++codes) {
    for (int i = 0; i < 64; ++i) tables.low[codes][i] = static_cast<std::uint8_t>(bits(codes & i));
  }
  return tables;
}

constexpr TablesOfSix kOfSix = make_tables_of_six();

// The same of the high bits, computed: `shifts` is where the group begins in the word.
inline __m512i high_table(__m512i word, __m512i shifts) {
  const __m512i patterns = _mm512_set_epi64(
      0x3f3e3d3c3b3a3938, 0x3736353433323130, 0x2f2e2d2c2b2a2928, 0x2726252423222120,
      0x1f1e1d1c1b1a1918, 0x1716151413121110, 0x0f0e0d0c0b0a0908, 0x0706050403020100);
  const __m512i twice = _mm512_set_epi64(0x0c0a0a080a080806, 0x0a08080608060604, 0x0a08080608060604,
                                         0x0806060406040402, 0x0a08080608060604, 0x0806060406040402,
                                         0x0806060406040402, 0x0604040204020200);
  const __m512i met = _mm512_and_si512(_mm512_multishift_epi64_epi8(shifts, word), patterns);
  return _mm512_permutexvar_epi8(met, twice);
}

struct Wide {
  static constexpr int kGroup = 6;
  static constexpr int kGroupsOfWord = (kWordBits + kGroup - 1) / kGroup;
  static constexpr int kLanes = 1;
  static constexpr int kTile = 64;
  // Half loaded, half computed, which keeps more ports busy than either.
  static void build(const TableTask& task) {
    const auto [codes_of_first, step, lane_step, plane, slots, groups, tables, group_stride,
                totals] = task;  // copies: bytes that are stored might be the task's
    for (int i = 0; i < slots; ++i) {
      const Word* codes = codes_of_first + i * step;
      std::uint8_t* to = tables + i * sizeof(__m512i);
      std::int64_t total = 0;
      for (int left = groups; left > 0; left -= kGroupsOfWord, ++codes) {
        total += _mm_popcnt_u64(codes[0]) + 2 * _mm_popcnt_u64(codes[plane]);
        Word low = codes[0];
        const __m512i high = _mm512_set1_epi64(static_cast<std::int64_t>(codes[plane]));
        __m512i shifts = _mm512_setzero_si512();
        for (int g = left < kGroupsOfWord ? left : kGroupsOfWord; g > 0; --g) {
          _mm512_store_si512(to, _mm512_add_epi8(_mm512_load_si512(kOfSix.low[low % 64]),
                                                 high_table(high, shifts)));
          to += group_stride;
          low >>= kGroup;
          shifts = _mm512_add_epi8(shifts, _mm512_set1_epi8(kGroup));
        }
      }
      totals[i] = static_cast<std::int32_t>(total);
    }
  }
  static __m512i look_up(__m512i table, __m512i indices) {
    return _mm512_permutexvar_epi8(indices, table);
  }
  static __m512i tables(const std::uint8_t* at) { return _mm512_load_si512(at); }
  static __m512i indices(const std::uint8_t* at) { return _mm512_loadu_si512(at); }
  static __m512i totals(const std::int32_t* at) {
    return _mm512_set1_epi16(static_cast<short>(*at));
  }
  // Even lanes are channels 0..31, odd ones 32..63.
  static void store(__m512i even, __m512i odd, std::int16_t* to, std::ptrdiff_t) {
    _mm512_storeu_si512(to, even);
    _mm512_storeu_si512(to + 32, odd);
  }
};

// Words of four lanes, each twice: those of plane 0, of plane 1.
struct FourWords {
  __m512i low;
  __m512i high;
};

inline FourWords words_at(const Word* codes, std::ptrdiff_t lane_step, std::ptrdiff_t plane) {
  const auto four = [=](const Word* at) {
    const auto pair = [](const Word* first, const Word* second) {
      const __m128i low = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(first));
      const __m128i high = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(second));
      return _mm_unpacklo_epi64(low, high);
    };
    const __m256i words = _mm256_inserti128_si256(_mm256_castsi128_si256(pair(at, at + lane_step)),
                                                  pair(at + 2 * lane_step, at + 3 * lane_step), 1);
    return _mm512_permutexvar_epi64(_mm512_set_epi64(3, 3, 2, 2, 1, 1, 0, 0),
                                    _mm512_castsi256_si512(words));
  };
  return {four(codes), four(codes + plane)};
}

// The tables of four lanes' groups that begin at bit `shifts` of their words.
inline __m512i tables_of_four(const FourWords& words, __m512i shifts) {
  const auto repeated = [](std::int64_t first, std::int64_t second) {
    return _mm512_set_epi64(second, first, second, first, second, first, second, first);
  };
  const __m512i patterns = repeated(0x0706050403020100, 0x0f0e0d0c0b0a0908);
  const __m512i counts = repeated(0x0302020102010100, 0x0403030203020201);
  const __m512i twice = _mm512_add_epi8(counts, counts);
  const auto met = [&](__m512i word) {
    return _mm512_and_si512(_mm512_multishift_epi64_epi8(shifts, word), patterns);
  };
  return _mm512_add_epi8(_mm512_shuffle_epi8(counts, met(words.low)),
                         _mm512_shuffle_epi8(twice, met(words.high)));
}

// The sums of four lanes' codes, each twice.
inline __m512i totals_of_four(const FourWords& words) {
  const __m512i high = _mm512_popcnt_epi64(words.high);
  return _mm512_add_epi64(_mm512_popcnt_epi64(words.low), _mm512_add_epi64(high, high));
}

struct Narrow {
  static constexpr int kGroup = 4;
  static constexpr int kGroupsOfWord = kWordBits / kGroup;
  static constexpr int kLanes = 4;
  static constexpr int kTile = 16;
  // Computed: loads of ready tables would wait for stores at the same place of another page.
  static void build(const TableTask& task) {
    for (int i = 0; i < task.slots; ++i) {
      const Word* codes = task.codes + i * task.step;
      std::uint8_t* to = task.tables + i * sizeof(__m512i);
      __m512i totals = _mm512_setzero_si512();
      for (int left = task.groups; left > 0; left -= kGroupsOfWord, ++codes) {
        const FourWords words = words_at(codes, task.lane_step, task.plane);
        totals = _mm512_add_epi64(totals, totals_of_four(words));
        __m512i shifts = _mm512_setzero_si512();
        for (int g = left < kGroupsOfWord ? left : kGroupsOfWord; g > 0; --g) {
          _mm512_store_si512(to, tables_of_four(words, shifts));
          to += task.group_stride;
          shifts = _mm512_add_epi8(shifts, _mm512_set1_epi8(kGroup));
        }
      }
      const __m512i even = _mm512_set_epi64(0, 0, 0, 0, 6, 4, 2, 0);
      const __m256i each = _mm512_castsi512_si256(_mm512_permutexvar_epi64(even, totals));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(task.totals + i * kLanes),
                       _mm256_cvtepi64_epi32(each));
    }
  }
  static __m512i look_up(__m512i table, __m512i indices) {
    return _mm512_shuffle_epi8(table, indices);
  }
  static __m512i tables(const std::uint8_t* at) { return _mm512_load_si512(at); }
  static __m512i indices(const std::uint8_t* at) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
  }
  static __m512i totals(const std::int32_t* at) {
    const __m512i four =
        _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(at)));
    const __m512i lower = _mm512_and_si512(four, _mm512_set1_epi32(0xffff));
    const __m512i twice = _mm512_or_si512(lower, _mm512_slli_epi32(four, 16));
    return _mm512_permutexvar_epi32(
        _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0), twice);
  }
  // A quarter of each is channels 0..7 and 8..15 of a pixel.
  static void store(__m512i even, __m512i odd, std::int16_t* to, std::ptrdiff_t pixel) {
    const auto put = [&](int lane, __m128i low, __m128i high) {
      __m128i* const at = reinterpret_cast<__m128i*>(to + lane * pixel);
      _mm_storeu_si128(at, low);
      _mm_storeu_si128(at + 1, high);
    };
    put(0, _mm512_castsi512_si128(even), _mm512_castsi512_si128(odd));
    put(1, _mm512_extracti32x4_epi32(even, 1), _mm512_extracti32x4_epi32(odd, 1));
    put(2, _mm512_extracti32x4_epi32(even, 2), _mm512_extracti32x4_epi32(odd, 2));
    put(3, _mm512_extracti32x4_epi32(even, 3), _mm512_extracti32x4_epi32(odd, 3));
  }
};

}  // namespace
}  // namespace edgebin::kernels::avx512

#include "kernels/generic/lookup.h"
