// Table lookup where an entry of a table serves one pixel: sums of bytes, then of 16 bits.
//
// Bytes are added to 16-bit sums before they overflow: `all` takes bytes in pairs as they are,
// `odd` their upper halves. In the end the even bytes' sum is all - 256 odd. Wrapped sums cancel,
// for what is left fits 16 bits (kernels.h).
//
// The folder's lookup.cc defines Vector and of it zero, add_bytes, add_words, subtract_words,
// upper_bytes (of each pair), shift_up (by a byte, in pairs), pin_table and pin_sum, which keep a
// compiler from loading a table again and from moving sums; and of each Shape
//
//   kGroup, kLanes, kTile   as in Lookup
//   build(task)             as TableFn
//   tables(at), indices(at) of a vector
//   look_up(table, indices)
//   totals(at)              of a vector's pixels, to all its channels
//   store(even, odd, to, pixel)
#ifndef EDGEBIN_KERNELS_GENERIC_LOOKUP_H_
#define EDGEBIN_KERNELS_GENERIC_LOOKUP_H_

#include "kernels/generic/window_totals.h"

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

constexpr int kMaxVectors = 8;

// 16-bit sums of a tile of kVectors vectors.
template <int kVectors>
struct Sums {
  Vector all[kVectors];
  Vector odd[kVectors];
};

// Adds `groups` groups of a run. Returns the weights behind them.
template <class Shape, int kVectors, int kTaps>
const std::uint8_t* add_run(const std::uint8_t* tables, std::ptrdiff_t group_stride, int groups,
                            const std::uint8_t* weights, Sums<kVectors>& sums) {
  constexpr std::ptrdiff_t kVectorBytes = Shape::kLanes << Shape::kGroup;
  constexpr int kMaxAdded = 255 / (3 * Shape::kGroup) / kTaps;
  while (groups > 0) {
    Vector bytes[kVectors];
    for (int v = 0; v < kVectors; ++v) bytes[v] = zero();
    const int step = groups < kMaxAdded ? groups : kMaxAdded;
    for (int g = 0; g < step; ++g) {
      Vector indices[kTaps];
      for (int j = 0; j < kTaps; ++j) indices[j] = Shape::indices(weights + j * Shape::kTile);
#pragma GCC unroll 16
      for (int at = 0; at < kVectors + kTaps - 1; ++at) {
        Vector table = Shape::tables(tables + at * kVectorBytes);
        pin_table(table);
#pragma GCC unroll 4
        for (int j = 0; j < kTaps; ++j) {
          const int v = at - j;
          if (v < 0 || v >= kVectors) continue;
          bytes[v] = add_bytes(bytes[v], Shape::look_up(table, indices[j]));
          pin_sum(bytes[v]);
        }
      }
      tables += group_stride;
      weights += kTaps * Shape::kTile;
    }
    for (int v = 0; v < kVectors; ++v) {
      sums.all[v] = add_words(sums.all[v], bytes[v]);
      sums.odd[v] = add_words(sums.odd[v], upper_bytes(bytes[v]));
    }
    groups -= step;
  }
  return weights;
}

template <class Shape, int kVectors>
const std::uint8_t* add_run(const LookupTask& task, const LookupRun& run,
                            const std::uint8_t* weights, Sums<kVectors>& sums) {
  const std::uint8_t* const tables = task.tables + run.offset;
  const auto add = [&](auto adds) {
    return adds(tables, task.group_stride, task.groups, weights, sums);
  };
  if (run.taps == 3) return add(add_run<Shape, kVectors, 3>);
  if (run.taps == 2) return add(add_run<Shape, kVectors, 2>);
  return add(add_run<Shape, kVectors, 1>);
}

template <class Shape, int kVectors>
void tiles(const LookupTask& task) {
  const WindowTotals<Shape::kLanes, kMaxVectors, 32> windows(task);
  const std::uint8_t* weights = task.weights;
  for (int n = 0; n < task.channels; n += Shape::kTile) {
    Sums<kVectors> sums;
    for (int v = 0; v < kVectors; ++v) sums.all[v] = sums.odd[v] = zero();
    for (int r = 0; r < task.run_count; ++r) {
      weights = add_run<Shape, kVectors>(task, task.runs[r], weights, sums);
    }
    for (int v = 0; v < kVectors; ++v) {
      const Vector total = Shape::totals(windows.totals + v * Shape::kLanes);
      const Vector even = subtract_words(sums.all[v], shift_up(sums.odd[v]));
      const auto signed_sum = [&](Vector sum) {
        return subtract_words(add_words(sum, sum), total);
      };
      Shape::store(signed_sum(even), signed_sum(sums.odd[v]),
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

template <class Shape>
Lookup lookup_of(const char* name) {
  return {name,         Shape::kGroup, Shape::kLanes, 1,
          Shape::kTile, kMaxVectors,   Shape::build,  multiply<Shape>};
}

}  // namespace

// NOLINTNEXTLINE(misc-definitions-in-headers): one file of a folder includes this
void install_lookup(Kernels& kernels) {
  kernels.lookups[0] = lookup_of<Wide>("lookup_wide");
  kernels.lookups[1] = lookup_of<Narrow>("lookup_narrow");
  kernels.lookup_count = 2;
}

}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_LOOKUP_H_
