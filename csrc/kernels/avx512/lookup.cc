// Table lookup. "wide" (VBMI): vpermb looks up 64 patterns of six weights in a table of 64 bytes, a
// vector is 64 output channels of one pixel. "narrow": vpshufb, four weights, a vector is 16 output
// channels of four pixels, for layers of few channels.
//
//   instruction     latency  Zen 4 ports  Ice Lake ports   per 64 x 6 (narrow: 64 x 4) weights
//   vpermb, vpshufb   2, 1    FP12         p5               1
//   vpaddb             1      FP0123       p05              1
//   table load         -      load         load             (vectors + taps - 1) / (vectors x taps)
//   Bottleneck: with 256-bit ports both instructions keep all four busy for a cycle: 384 (256)
//   MAC/cycle; the same on Ice Lake, by p5.
//
// Bound. An entry is at most 3 per weight, 18 (12), so a byte holds 14 (21) lookups; then bytes are
// added to 16-bit sums: `all` takes bytes in pairs as they are, `odd` their upper halves. In the
// end the even bytes' sum is all - 256 odd. Wrapped sums cancel, for what is left fits 16 bits.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kMostVectors = 8;

constexpr int bits(int value) {
  int count = 0;
  for (; value != 0; value &= value - 1) ++count;
  return count;
}

// What four channels with these codes (low bits, then high bits) add for each pattern of weights.
struct alignas(64) TablesOfFour {
  std::uint8_t entry[256][16];
};

constexpr TablesOfFour make_tables_of_four() {
  TablesOfFour tables{};
  for (int codes = 0; codes < 256; ++codes) {
    for (int i = 0; i < 16; ++i) {
      tables.entry[codes][i] =
          static_cast<std::uint8_t>(bits(codes & 15 & i) + 2 * bits(codes >> 4 & i));
    }
  }
  return tables;
}

constexpr TablesOfFour kOfFour = make_tables_of_four();

// The same for six channels, low and high bits apart: a table is the sum of two. One object, so
// that one register leads to both.
struct alignas(64) TablesOfSix {
  std::uint8_t low[64][64];
  std::uint8_t high[64][64];
};

constexpr TablesOfSix make_tables_of_six() {
  TablesOfSix tables{};
  for (int codes = 0; codes < 64; ++codes) {
    for (int i = 0; i < 64; ++i) {
      tables.low[codes][i] = static_cast<std::uint8_t>(bits(codes & i));
      tables.high[codes][i] = static_cast<std::uint8_t>(2 * bits(codes & i));
    }
  }
  return tables;
}

constexpr TablesOfSix kOfSix = make_tables_of_six();

// Calls store(tables, low bits, high bits) for every group of every pixel; of the bits, the lowest
// kGroup are the group's.
template <int kGroup, class Store>
inline void build_each(const TableTask& task, const Store& store) {
  constexpr int kGroupsOfWord = (kWordBits + kGroup - 1) / kGroup;
  const std::ptrdiff_t group_stride = task.group_stride;  // bytes that are stored might be the task
  const int groups = task.groups;
  for (int i = 0; i < task.pixels; ++i) {
    const Word* codes = task.codes + i * task.step;
    std::uint8_t* to = task.tables + i * task.table_stride;
    std::int64_t total = 0;
    for (int left = groups; left > 0; left -= kGroupsOfWord, ++codes) {
      Word low = codes[0];
      Word high = codes[task.plane];
      total += _mm_popcnt_u64(low) + 2 * _mm_popcnt_u64(high);
      const auto step = [&] {
        store(to, low, high);
        to += group_stride;
        low >>= kGroup;
        high >>= kGroup;
      };
      int g = left < kGroupsOfWord ? left : kGroupsOfWord;
      for (; g >= 4; g -= 4) {
        step();
        step();
        step();
        step();
      }
      for (; g > 0; --g) step();
    }
    task.totals[i] = static_cast<std::int32_t>(total);
  }
}

struct Wide {
  static constexpr int kGroup = 6;
  static constexpr int kLanes = 1;
  static constexpr int kTile = 64;
  static void build(const TableTask& task) {
    const TablesOfSix* tables = &kOfSix;
    asm("" : "+r"(tables));  // or gcc 12 spills the addresses of its halves
    build_each<kGroup>(task, [=](std::uint8_t* to, Word low, Word high) {
      _mm512_store_si512(to, _mm512_add_epi8(_mm512_load_si512(tables->low[low % 64]),
                                             _mm512_load_si512(tables->high[high % 64])));
    });
  }
  static __m512i look_up(__m512i table, __m512i indices) {
    return _mm512_permutexvar_epi8(indices, table);
  }
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

struct Narrow {
  static constexpr int kGroup = 4;
  static constexpr int kLanes = 4;
  static constexpr int kTile = 16;
  static void build(const TableTask& task) {
    build_each<kGroup>(task, [](std::uint8_t* to, Word low, Word high) {
      const std::uint8_t* const entry = kOfFour.entry[low % 16 + high % 16 * 16];
      _mm_store_si128(reinterpret_cast<__m128i*>(to),
                      _mm_load_si128(reinterpret_cast<const __m128i*>(entry)));
    });
  }
  static __m512i look_up(__m512i table, __m512i indices) {
    return _mm512_shuffle_epi8(table, indices);
  }
  static __m512i indices(const std::uint8_t* at) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
  }
  static __m512i totals(const std::int32_t* at) {
    const auto of = [&](int lane) {
      return _mm_set1_epi16(static_cast<short>(at[lane * kMostVectors]));
    };
    const __m256i first = _mm256_inserti128_si256(_mm256_castsi128_si256(of(0)), of(1), 1);
    const __m256i second = _mm256_inserti128_si256(_mm256_castsi128_si256(of(2)), of(3), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(first), second, 1);
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

// 16-bit sums of a tile of `kVectors` vectors.
template <int kVectors>
struct Sums {
  __m512i all[kVectors];
  __m512i odd[kVectors];
};

// Adds `groups` groups of a run. Returns the weights behind them.
template <class Shape, int kVectors, int kTaps>
const std::uint8_t* add_run(const std::uint8_t* tables, std::ptrdiff_t group_stride, int groups,
                            const std::uint8_t* weights, Sums<kVectors>& sums) {
  constexpr std::ptrdiff_t kVectorBytes = Shape::kLanes << Shape::kGroup;
  constexpr int kStep = 255 / (3 * Shape::kGroup) / kTaps;
  while (groups > 0) {
    __m512i bytes[kVectors];
    for (int v = 0; v < kVectors; ++v) bytes[v] = _mm512_setzero_si512();
    const int step = groups < kStep ? groups : kStep;
    for (int g = 0; g < step; ++g) {
      __m512i indices[kTaps];
      for (int j = 0; j < kTaps; ++j) indices[j] = Shape::indices(weights + j * Shape::kTile);
#pragma GCC unroll 16
      for (int at = 0; at < kVectors + kTaps - 1; ++at) {
        __m512i table = _mm512_load_si512(tables + at * kVectorBytes);
        asm("" : "+v"(table));  // or gcc 12 loads it anew for each tap
#pragma GCC unroll 4
        for (int j = 0; j < kTaps; ++j) {
          const int v = at - j;
          if (v < 0 || v >= kVectors) continue;
          bytes[v] = _mm512_add_epi8(bytes[v], Shape::look_up(table, indices[j]));
        }
      }
      tables += group_stride;
      weights += kTaps * Shape::kTile;
    }
    for (int v = 0; v < kVectors; ++v) {
      sums.all[v] = _mm512_add_epi16(sums.all[v], bytes[v]);
      sums.odd[v] = _mm512_add_epi16(sums.odd[v], _mm512_srli_epi16(bytes[v], 8));
    }
    groups -= step;
  }
  return weights;
}

// The totals of the windows of all pixels, lane after lane.
template <class Shape>
struct Windows {
  alignas(32) std::int32_t totals[Shape::kLanes][kMostVectors];

  explicit Windows(const LookupTask& task) {
    for (int lane = 0; lane < Shape::kLanes; ++lane) {
      __m256i sum = _mm256_setzero_si256();
      for (int r = 0; r < task.run_count; ++r) {
        const std::int32_t* at = task.totals + task.runs[r].totals + lane * task.lane_totals;
        for (int j = 0; j < task.runs[r].taps; ++j, ++at) {
          sum = _mm256_add_epi32(sum, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
        }
      }
      _mm256_store_si256(reinterpret_cast<__m256i*>(totals[lane]), sum);
    }
  }
};

template <class Shape, int kVectors>
void tiles(const LookupTask& task) {
  const Windows<Shape> windows(task);
  const std::uint8_t* weights = task.weights;
  for (int n = 0; n < task.channels; n += Shape::kTile) {
    Sums<kVectors> sums;
    for (int v = 0; v < kVectors; ++v) sums.all[v] = sums.odd[v] = _mm512_setzero_si512();
    for (int r = 0; r < task.run_count; ++r) {
      const std::uint8_t* const tables = task.tables + task.runs[r].offset;
      const auto add = [&](auto run) {
        weights = run(tables, task.group_stride, task.groups, weights, sums);
      };
      if (task.runs[r].taps == 3) {
        add(add_run<Shape, kVectors, 3>);
      } else if (task.runs[r].taps == 2) {
        add(add_run<Shape, kVectors, 2>);
      } else {
        add(add_run<Shape, kVectors, 1>);
      }
    }
    for (int v = 0; v < kVectors; ++v) {
      const __m512i total = Shape::totals(&windows.totals[0][v]);
      const __m512i even = _mm512_sub_epi16(sums.all[v], _mm512_slli_epi16(sums.odd[v], 8));
      const auto finish = [&](__m512i sum) {
        return _mm512_sub_epi16(_mm512_add_epi16(sum, sum), total);
      };
      Shape::store(finish(even), finish(sums.odd[v]),
                   task.sums + std::ptrdiff_t{v} * task.channels + n,
                   std::ptrdiff_t{kVectors} * task.channels);
    }
  }
}

template <class Shape>
void multiply(const LookupTask& task) {
  using Tiles = void (*)(const LookupTask&);
  constexpr Tiles kTiles[kMostVectors] = {tiles<Shape, 1>, tiles<Shape, 2>, tiles<Shape, 3>,
                                          tiles<Shape, 4>, tiles<Shape, 5>, tiles<Shape, 6>,
                                          tiles<Shape, 7>, tiles<Shape, 8>};
  kTiles[task.vectors - 1](task);
}

template <class Shape>
Lookup lookup_of(const char* name) {
  return {name,         Shape::kGroup, Shape::kLanes,  Shape::kTile,
          kMostVectors, Shape::build,  multiply<Shape>};
}

}  // namespace

void install_lookup(Kernels& kernels) {
  kernels.lookups[0] = lookup_of<Wide>("lookup_wide");
  kernels.lookups[1] = lookup_of<Narrow>("lookup_narrow");
  kernels.lookup_count = 2;
}

}  // namespace edgebin::kernels::avx512
