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
constexpr int kMaxVectors = 8;
constexpr int kMaxAdded = 255 / (3 * kGroup);

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
void build(const TableTask& task) {
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
  constexpr int kStep = kMaxAdded / kTaps;
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

// The totals of the windows of all pixels: [vectors][lanes].
template <class Shape>
struct Windows {
  static constexpr int kCount = Shape::kLanes * kMaxVectors;
  static constexpr int kStep = 8;
  alignas(32) std::int32_t totals[kCount];

  explicit Windows(const LookupTask& task) {
    __m256i sum[kCount / kStep];
    for (auto& of_eight : sum) of_eight = _mm256_setzero_si256();
    for (int r = 0; r < task.run_count; ++r) {
      const std::int32_t* at = task.totals + task.runs[r].totals;
      for (int j = 0; j < task.runs[r].taps; ++j, at += Shape::kLanes) {
        for (int i = 0; i < kCount / kStep; ++i) {
          const auto* eight = reinterpret_cast<const __m256i*>(at + i * kStep);
          sum[i] = _mm256_add_epi32(sum[i], _mm256_loadu_si256(eight));
        }
      }
    }
    for (int i = 0; i < kCount / kStep; ++i) {
      _mm256_store_si256(reinterpret_cast<__m256i*>(totals + i * kStep), sum[i]);
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
      const __m256i total = Shape::totals(windows.totals + v * Shape::kLanes);
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
  constexpr Tiles kTiles[kMaxVectors] = {tiles<Shape, 1>, tiles<Shape, 2>, tiles<Shape, 3>,
                                         tiles<Shape, 4>, tiles<Shape, 5>, tiles<Shape, 6>,
                                         tiles<Shape, 7>, tiles<Shape, 8>};
  kTiles[task.vectors - 1](task);
}

}  // namespace

void install_lookup(Kernels& kernels) {
  kernels.lookups[0] = {"lookup_wide", kGroup,      Wide::kLanes,        1,
                        Wide::kTile,   kMaxVectors, build<Wide::kLanes>, multiply<Wide>};
  kernels.lookups[1] = {"lookup_narrow", kGroup,      Narrow::kLanes,        1,
                        Narrow::kTile,   kMaxVectors, build<Narrow::kLanes>, multiply<Narrow>};
  kernels.lookup_count = 2;
}

}  // namespace edgebin::kernels::avx2
