// Table lookup, four input channels at a time: pshufb looks up 32 weight patterns in tables of 16
// bytes. A vector of "lookup_wide" is 32 output channels of one pixel, of "lookup_narrow" 16
// channels of two.
//
//   instruction     latency  Zen 4 ports  Skylake ports   per 32 x 4 weights
//   vpshufb            1      FP12         p5              1
//   vpaddb             1      FP0123       p015            1
//   table load         -      load         load            (vectors + taps - 1) / (vectors x taps)
//   Bottleneck: vpshufb, 2 per cycle: 256 MAC/cycle; on Skylake 128, by p5.
//
// Bound. An entry is at most 4 x 3 = 12, so a byte holds 21 lookups (252) before generic/lookup.h
// adds it to a 16-bit sum.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kGroup = 4;
constexpr int kGroupsOfWord = kWordBits / kGroup;

using Vector = __m256i;

inline Vector zero() { return _mm256_setzero_si256(); }
inline Vector add_bytes(Vector a, Vector b) { return _mm256_add_epi8(a, b); }
inline Vector add_words(Vector a, Vector b) { return _mm256_add_epi16(a, b); }
inline Vector subtract_words(Vector a, Vector b) { return _mm256_sub_epi16(a, b); }
inline Vector upper_bytes(Vector pairs) { return _mm256_srli_epi16(pairs, 8); }
inline Vector shift_up(Vector pairs) { return _mm256_slli_epi16(pairs, 8); }

// Else gcc 12 loads a table again for each tap, and regroups the sums and spills them.
inline void pin_table(Vector& table) { asm("" : "+x"(table)); }
inline void pin_sum(Vector& sum) { asm("" : "+x"(sum)); }

// Words of two pixels, each twice: those of plane 0, of plane 1.
struct TwoWords {
  __m256i low;
  __m256i high;
};

inline TwoWords words_at(const Word* first, const Word* second, std::ptrdiff_t plane) {
  const auto two = [=](std::ptrdiff_t at) {
    return _mm256_set_m128i(_mm_set1_epi64x(static_cast<std::int64_t>(second[at])),
                            _mm_set1_epi64x(static_cast<std::int64_t>(first[at])));
  };
  return {two(0), two(plane)};
}

// The tables of two pixels' groups in byte `byte` of their words: its lower half, its upper half.
struct TwoTables {
  __m256i lower;
  __m256i upper;
};

inline TwoTables tables_of_two(const TwoWords& words, __m256i byte) {
  const __m256i patterns = _mm256_set_epi64x(0x0f0e0d0c0b0a0908, 0x0706050403020100,
                                             0x0f0e0d0c0b0a0908, 0x0706050403020100);
  const __m256i counts = _mm256_set_epi64x(0x0403030203020201, 0x0302020102010100,
                                           0x0403030203020201, 0x0302020102010100);
  const __m256i twice = _mm256_add_epi8(counts, counts);
  const __m256i low = _mm256_shuffle_epi8(words.low, byte);
  const __m256i high = _mm256_shuffle_epi8(words.high, byte);
  const auto tables = [&](__m256i of_low, __m256i of_high) {
    return _mm256_add_epi8(_mm256_shuffle_epi8(counts, _mm256_and_si256(of_low, patterns)),
                           _mm256_shuffle_epi8(twice, _mm256_and_si256(of_high, patterns)));
  };
  return {tables(low, high), tables(_mm256_srli_epi16(low, 4), _mm256_srli_epi16(high, 4))};
}

// Pixels by twos, in the order of their tables; a last one alone is its own neighbour. Computed:
// loads of ready tables would wait for stores at the same place of another page.
template <int kLanes>
void build_tables(const TableTask& task) {
  // Copies: bytes that are stored might be the task's.
  const Word* const codes = task.codes;
  const std::ptrdiff_t step = task.step, lane_step = task.lane_step, plane = task.plane;
  const std::ptrdiff_t group_stride = task.group_stride;
  const int slots = task.slots, groups = task.groups;
  std::uint8_t* const tables = task.tables;
  std::int32_t* const totals = task.totals;
  const auto codes_of = [=](int pixel) {
    return codes + pixel / kLanes * step + pixel % kLanes * lane_step;
  };
  const int pixels = slots * kLanes;
  for (int i = 0; i < pixels; i += 2) {
    const bool both = i + 1 < pixels;
    const Word* first = codes_of(i);
    const Word* second = both ? codes_of(i + 1) : first;
    std::uint8_t* to = tables + (std::ptrdiff_t{i} << kGroup);
    std::int64_t total[2] = {0, 0};
    const auto store = [&](__m256i two) {
      _mm_store_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(two));
      if (both)
        _mm_store_si128(reinterpret_cast<__m128i*>(to) + 1, _mm256_extracti128_si256(two, 1));
      to += group_stride;
    };
    for (int left = groups; left > 0; left -= kGroupsOfWord, ++first, ++second) {
      total[0] += _mm_popcnt_u64(*first) + 2 * _mm_popcnt_u64(first[plane]);
      total[1] += _mm_popcnt_u64(*second) + 2 * _mm_popcnt_u64(second[plane]);
      const TwoWords words = words_at(first, second, plane);
      __m256i byte = _mm256_setzero_si256();
      for (int g = left < kGroupsOfWord ? left : kGroupsOfWord; g > 0; g -= 2) {
        const auto [lower, upper] = tables_of_two(words, byte);
        store(lower);
        if (g > 1) store(upper);
        byte = _mm256_add_epi8(byte, _mm256_set1_epi8(1));
      }
    }
    totals[i] = static_cast<std::int32_t>(total[0]);
    if (both) totals[i + 1] = static_cast<std::int32_t>(total[1]);
  }
}

struct Wide {
  static constexpr int kGroup = avx2::kGroup;
  static constexpr int kLanes = 1;
  static constexpr int kTile = 32;
  static void build(const TableTask& task) { build_tables<kLanes>(task); }
  static __m256i look_up(__m256i table, __m256i indices) {
    return _mm256_shuffle_epi8(table, indices);
  }
  static __m256i tables(const std::uint8_t* at) {
    return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(at)));
  }
  static __m256i indices(const std::uint8_t* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  }
  static __m256i totals(const std::int32_t* at) {
    return _mm256_set1_epi16(static_cast<short>(*at));
  }
  // Even lanes are channels 0..15, odd ones 16..31.
  static void store(__m256i even, __m256i odd, std::int16_t* to, std::ptrdiff_t) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), even);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 16), odd);
  }
};

struct Narrow {
  static constexpr int kGroup = avx2::kGroup;
  static constexpr int kLanes = 2;
  static constexpr int kTile = 16;
  static void build(const TableTask& task) { build_tables<kLanes>(task); }
  static __m256i look_up(__m256i table, __m256i indices) {
    return _mm256_shuffle_epi8(table, indices);
  }
  static __m256i tables(const std::uint8_t* at) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(at));
  }
  static __m256i indices(const std::uint8_t* at) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
  }
  static __m256i totals(const std::int32_t* at) {
    return _mm256_set_m128i(_mm_set1_epi16(static_cast<short>(at[1])),
                            _mm_set1_epi16(static_cast<short>(at[0])));
  }
  // The lower halves are channels 0..7 and 8..15 of one pixel, the upper halves of another.
  static void store(__m256i even, __m256i odd, std::int16_t* to, std::ptrdiff_t pixel) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + pixel),
                        _mm256_permute2x128_si256(even, odd, 0x31));
  }
};

}  // namespace
}  // namespace edgebin::kernels::avx2

#include "kernels/generic/lookup.h"
