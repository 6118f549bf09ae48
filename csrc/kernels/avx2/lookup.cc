// Table lookup, four input channels at a time: pshufb looks up 32 weight patterns in tables of 16
// bytes. "wide" gives a vector to 32 output channels of one pixel, "narrow" to 16 channels of two.
//
//   instruction     latency  Zen 4 ports  Skylake ports   per 32 x 4 weights
//   vpshufb            1      FP12         p5              1
//   vpaddb             1      FP0123       p015            1
//   table load         -      load         load            (vectors + taps - 1) / (vectors x taps)
//   Bottleneck: vpshufb, 2 per cycle: 256 MAC/cycle; on Skylake 128, by p5.
//
// Bound. An entry is at most 4 x 3 = 12, so a byte holds 21 lookups (252); then bytes are added to
// 16-bit sums: `all` takes bytes in pairs as they are, `odd` their upper halves. In the end the
// even bytes' sum is all - 256 odd. Wrapped sums cancel, for what is left fits 16 bits.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kGroup = 4;
constexpr int kGroupsOfWord = kWordBits / kGroup;
constexpr int kMostVectors = 8;
constexpr int kMostAdded = 255 / (3 * kGroup);

struct alignas(64) Tables {
  std::uint8_t entry[256][16];
};

constexpr int bits(int value) {
  return (value & 1) + (value >> 1 & 1) + (value >> 2 & 1) + (value >> 3);
}

constexpr Tables make_tables() {
  Tables tables{};
  for (int codes = 0; codes < 256; ++codes) {
    for (int i = 0; i < 16; ++i) {
      tables.entry[codes][i] =
          static_cast<std::uint8_t>(bits(codes & 15 & i) + 2 * bits(codes >> 4 & i));
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

void build(const TableTask& task) {
  const auto [codes_of_first, step, plane, pixels, groups, tables, table_stride, group_stride,
              totals] = task;  // copies: bytes that are stored might be the task's
  for (int i = 0; i < pixels; ++i) {
    const Word* const codes = codes_of_first + i * step;
    std::uint8_t* to = tables + i * table_stride;
    std::int64_t total = 0;
    for (int g = 0; g < groups;) {
      Word low = codes[g / kGroupsOfWord];
      Word high = codes[plane + g / kGroupsOfWord];
      total += _mm_popcnt_u64(low) + 2 * _mm_popcnt_u64(high);
      const int end = groups - g < kGroupsOfWord ? groups : g + kGroupsOfWord;
      for (; g < end; ++g, to += group_stride, low >>= kGroup, high >>= kGroup) {
        const std::uint8_t* const entry = kTables.entry[(low & 15) | (high & 15) << 4];
        _mm_store_si128(reinterpret_cast<__m128i*>(to),
                        _mm_load_si128(reinterpret_cast<const __m128i*>(entry)));
      }
    }
    totals[i] = static_cast<std::int32_t>(total);
  }
}

struct Wide {
  static constexpr int kLanes = 1;
  static constexpr int kTile = 32;
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
  static constexpr int kLanes = 2;
  static constexpr int kTile = 16;
  static __m256i tables(const std::uint8_t* at) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(at));
  }
  static __m256i indices(const std::uint8_t* at) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
  }
  static __m256i totals(const std::int32_t* at) {
    return _mm256_set_m128i(_mm_set1_epi16(static_cast<short>(at[kMostVectors])),
                            _mm_set1_epi16(static_cast<short>(*at)));
  }
  // The lower halves are channels 0..7 and 8..15 of one pixel, the upper halves of another.
  static void store(__m256i even, __m256i odd, std::int16_t* to, std::ptrdiff_t pixel) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + pixel),
                        _mm256_permute2x128_si256(even, odd, 0x31));
  }
};

// 16-bit sums of a tile of `kVectors` vectors.
template <int kVectors>
struct Sums {
  __m256i all[kVectors];
  __m256i odd[kVectors];
};

// Adds `groups` groups of a run. Returns the weights behind them.
template <class Shape, int kVectors, int kTaps>
const std::uint8_t* add_run(const std::uint8_t* tables, std::ptrdiff_t group_stride, int groups,
                            const std::uint8_t* weights, Sums<kVectors>& sums) {
  constexpr std::ptrdiff_t kVectorBytes = Shape::kLanes << kGroup;
  constexpr int kStep = kMostAdded / kTaps;
  while (groups > 0) {
    __m256i bytes[kVectors];
    for (int v = 0; v < kVectors; ++v) bytes[v] = _mm256_setzero_si256();
    const int step = groups < kStep ? groups : kStep;
    for (int g = 0; g < step; ++g) {
      __m256i indices[kTaps];
      for (int j = 0; j < kTaps; ++j) indices[j] = Shape::indices(weights + j * Shape::kTile);
#pragma GCC unroll 16
      for (int at = 0; at < kVectors + kTaps - 1; ++at) {
        __m256i table = Shape::tables(tables + at * kVectorBytes);
        asm("" : "+x"(table));  // or gcc 12 loads it anew for each tap
#pragma GCC unroll 4
        for (int j = 0; j < kTaps; ++j) {
          const int v = at - j;
          if (v < 0 || v >= kVectors) continue;
          bytes[v] = _mm256_add_epi8(bytes[v], _mm256_shuffle_epi8(table, indices[j]));
          asm("" : "+x"(bytes[v]));  // or it regroups the sums and spills them
        }
      }
      tables += group_stride;
      weights += kTaps * Shape::kTile;
    }
    for (int v = 0; v < kVectors; ++v) {
      sums.all[v] = _mm256_add_epi16(sums.all[v], bytes[v]);
      sums.odd[v] = _mm256_add_epi16(sums.odd[v], _mm256_srli_epi16(bytes[v], 8));
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
    for (int v = 0; v < kVectors; ++v) sums.all[v] = sums.odd[v] = _mm256_setzero_si256();
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
      const __m256i total = Shape::totals(&windows.totals[0][v]);
      const __m256i even = _mm256_sub_epi16(sums.all[v], _mm256_slli_epi16(sums.odd[v], 8));
      const auto finish = [&](__m256i sum) {
        return _mm256_sub_epi16(_mm256_add_epi16(sum, sum), total);
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

}  // namespace

void install_lookup(Kernels& kernels) {
  kernels.lookups[0] = {"lookup_wide", kGroup, Wide::kLanes,  Wide::kTile,
                        kMostVectors,  build,  multiply<Wide>};
  kernels.lookups[1] = {"lookup_narrow", kGroup, Narrow::kLanes,  Narrow::kTile,
                        kMostVectors,    build,  multiply<Narrow>};
  kernels.lookup_count = 2;
}

}  // namespace edgebin::kernels::avx2
