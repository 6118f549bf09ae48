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

// What `kGroup` channels with these codes add for each pattern of weights. The codes' bits lie side
// by side, kPlanes planes of them; each counts `kFactor` times its plane's 1 or 2.
template <int kGroup, int kPlanes, int kFactor>
struct alignas(64) Tables {
  std::uint8_t entry[1 << (kGroup * kPlanes)][1 << kGroup];

  static constexpr Tables make() {
    Tables tables{};
    constexpr int kMask = (1 << kGroup) - 1;
    for (int codes = 0; codes < 1 << (kGroup * kPlanes); ++codes) {
      for (int i = 0; i <= kMask; ++i) {
        tables.entry[codes][i] = static_cast<std::uint8_t>(
            kFactor * (bits(codes & kMask & i) + 2 * bits(codes >> kGroup & i)));
      }
    }
    return tables;
  }
};

constexpr auto kOfFour = Tables<4, 2, 1>::make();
constexpr auto kOfSix = Tables<6, 1, 1>::make();
constexpr auto kOfSixTwice = Tables<6, 1, 2>::make();

// Calls store(tables, low bits, high bits) for every group of every pixel.
template <int kGroup, class Store>
inline void build_each(const TableTask& task, const Store& store) {
  constexpr int kGroupsOfWord = (kWordBits + kGroup - 1) / kGroup;
  constexpr Word kMask = (Word{1} << kGroup) - 1;
  const auto [codes_of_first, step, plane, pixels, groups, tables, table_stride, group_stride,
              totals] = task;  // copies: bytes that are stored might be the task's
  for (int i = 0; i < pixels; ++i) {
    const Word* const codes = codes_of_first + i * step;
    std::uint8_t* to = tables + i * table_stride;
    std::int64_t total = 0;
    for (int g = 0, word = 0; g < groups; ++word) {
      Word low = codes[word];
      Word high = codes[plane + word];
      total += _mm_popcnt_u64(low) + 2 * _mm_popcnt_u64(high);
      const int end = groups - g < kGroupsOfWord ? groups : g + kGroupsOfWord;
      for (; g < end; ++g, to += group_stride, low >>= kGroup, high >>= kGroup) {
        store(to, low & kMask, high & kMask);
      }
    }
    totals[i] = static_cast<std::int32_t>(total);
  }
}

struct Wide {
  static constexpr int kGroup = 6;
  static constexpr int kLanes = 1;
  static constexpr int kTile = 64;
  static void build(const TableTask& task) {
    build_each<kGroup>(task, [](std::uint8_t* to, Word low, Word high) {
      _mm512_store_si512(to, _mm512_add_epi8(_mm512_load_si512(kOfSix.entry[low]),
                                             _mm512_load_si512(kOfSixTwice.entry[high])));
    });
  }
  static __m512i look_up(__m512i table, __m512i indices) {
    return _mm512_permutexvar_epi8(indices, table);
  }
  static __m512i indices(const std::uint8_t* at) { return _mm512_loadu_si512(at); }
  static __m512i totals(const std::int32_t* at, int) {
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
      const std::uint8_t* const entry = kOfFour.entry[low | high << kGroup];
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
  static __m512i totals(const std::int32_t* at, int vectors) {
    const auto of = [&](int lane) {
      return _mm_set1_epi16(static_cast<short>(at[lane * vectors]));
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

template <class Shape, int kVectors>
void tiles(const LookupTask& task) {
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
      const __m512i total = Shape::totals(task.totals + v, kVectors);
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
  kernels.lookups[0] = lookup_of<Wide>("wide");
  kernels.lookups[1] = lookup_of<Narrow>("narrow");
  kernels.lookup_count = 2;
}

}  // namespace edgebin::kernels::avx512
