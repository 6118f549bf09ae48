// Each kernel of kernel_list.h alone, on operands that fit a first-level cache of 32 KiB.
#include <array>
#include <string>

#include "counters.h"
#include "kernels/dispatch.h"
#include "ops/layout.h"

namespace edgebin::benchmarks {
namespace {

using kernels::Kernels;
using kernels::Lookup;

constexpr int kChannels = 64;
constexpr int kPixels = 8;
constexpr int kReducedPixels = 49;

void bit_serial(benchmark::State& state, const Kernels& kernels) {
  constexpr int kWords = 9;
  const Operand<Word> rows(2 * kPixels * kWords, 0x5a5a);
  const Operand<Word> weights(kChannels * kWords, 0x3c3c);
  Operand<std::int32_t> acc(kPixels * kChannels);
  for (auto _ : state) {
    kernels.bit_serial(rows.data(), weights.data(), acc.data(), kPixels, kChannels, kWords);
    benchmark::ClobberMemory();
  }
  report(state, 1.0 * kPixels * kChannels * kWords * kernels::kWordBits,
         peak(kernels.isa, "bit_serial"));
}

void u8s8(benchmark::State& state, const Kernels& kernels) {
  constexpr int kDepth = 192;
  const Operand<std::uint8_t> rows(kPixels * kDepth, 3);
  const Operand<std::int8_t> weights(kChannels * kDepth, -5);
  Operand<std::int32_t> acc(kPixels * kChannels);
  for (auto _ : state) {
    kernels.u8s8(rows.data(), weights.data(), acc.data(), kPixels, kChannels, kDepth);
    benchmark::ClobberMemory();
  }
  report(state, 1.0 * kPixels * kChannels * kDepth, peak(kernels.isa, "u8s8"));
}

void f32(benchmark::State& state, const Kernels& kernels) {
  constexpr int kDepth = 96;
  const Operand<float> rows(kPixels * kDepth, 3.0F);
  const Operand<float> weights(kChannels * kDepth, -5.0F);
  Operand<float> acc(kPixels * kChannels);
  for (auto _ : state) {
    kernels.f32(rows.data(), weights.data(), acc.data(), kPixels, kChannels, kDepth);
    benchmark::ClobberMemory();
  }
  report(state, 1.0 * kPixels * kChannels * kDepth, peak(kernels.isa, "f32"));
}

// Three window rows of three taps over 64 input channels. All rows read the same tables, so
// that the weights fit the cache too.
void lookup(benchmark::State& state, const Kernels& kernels, const Lookup& lookup) {
  const int groups = ceil_div(kernels::kWordBits, lookup.group);
  const int vectors = lookup.max_vectors;
  const std::ptrdiff_t vector = std::ptrdiff_t{lookup.lanes / lookup.shared} << lookup.group;
  const int slots = vectors + 2;
  const Operand<std::uint8_t> tables(groups * slots * vector, 1);
  const Operand<std::uint8_t> weights(kChannels * groups * 9, 5);
  const Operand<std::int32_t> totals(lookup.lanes * slots + kernels::kTotalSlack, 7);
  const std::array<kernels::LookupRun, 3> runs = {{{0, 0, 3}, {0, 0, 3}, {0, 0, 3}}};
  Operand<std::int16_t> sums(lookup.lanes * vectors * kChannels + kernels::kSumSlack);
  for (auto _ : state) {
    lookup.multiply({tables.data(), slots * vector, groups, runs.data(), 3, vectors, kChannels,
                     weights.data(), totals.data(), sums.data()});
    benchmark::ClobberMemory();
  }
  report(state, 9.0 * lookup.lanes * vectors * kChannels * kernels::kWordBits,
         peak(kernels.isa, lookup.name));
}

void build_tables(benchmark::State& state, const Lookup& lookup) {
  const int groups = ceil_div(kernels::kWordBits, lookup.group);
  const std::ptrdiff_t vector = std::ptrdiff_t{lookup.lanes / lookup.shared} << lookup.group;
  const Operand<Word> codes(2 * kPixels, 0x5a5a5a5a5a5a5a5a);
  const int slots = kPixels / lookup.lanes;
  Operand<std::uint8_t> tables(groups * slots * vector);
  std::array<std::int32_t, kPixels> totals;
  for (auto _ : state) {
    lookup.build({codes.data(), 2, std::ptrdiff_t{2} * slots, 1, slots, groups, tables.data(),
                  slots * vector, totals.data()});
    benchmark::ClobberMemory();
  }
  report(state, 0, 0);
}

// Five tiles of positions of 64 channels, which a window of nine taps reads.
void matrix_tiles(benchmark::State& state, const kernels::MatrixTiles& tiles) {
  constexpr int kSteps = 9;
  constexpr int kPositions = kernels::kMaxTiles * kernels::kTileRows;
  const Operand<std::uint8_t> rows((kPositions + kSteps) * kernels::kTileDepth, 3);
  const Operand<std::uint8_t> weights(
      kChannels / kernels::kTileChannels * kSteps * kernels::kTileBits, 0x5a);
  std::array<std::ptrdiff_t, kSteps> offsets;
  for (int s = 0; s < kSteps; ++s) offsets[s] = s * kernels::kTileDepth;
  Operand<std::int16_t> sums(kPositions * kChannels);
  tiles.configure();
  for (auto _ : state) {
    tiles.multiply({rows.data(), kernels::kTileDepth, offsets.data(), kSteps, kernels::kMaxTiles,
                    kChannels, weights.data(), sums.data()});
    benchmark::ClobberMemory();
  }
  tiles.release();
  report(state, 1.0 * kSteps * kernels::kTileDepth * kPositions * kChannels,
         peak("amx", tiles.name));
}

void unpack_codes(benchmark::State& state, const kernels::MatrixTiles& tiles) {
  const Operand<Word> codes(2 * kPixels, 0x5a5a5a5a5a5a5a5a);
  Operand<std::uint8_t> bytes(kPixels * kernels::kTileDepth);
  for (auto _ : state) {
    tiles.unpack({codes.data(), 2, 1, kPixels, bytes.data(), kernels::kTileDepth});
    benchmark::ClobberMemory();
  }
  report(state, 0, 0);
}

void join_rows(benchmark::State& state, const kernels::MatrixTiles& tiles) {
  constexpr int kLength = 48;
  const Operand<std::uint8_t> line(kPixels * kLength + kernels::kTileDepth, 1);
  Operand<std::uint8_t> rows(kPixels * kernels::kTileDepth);
  for (auto _ : state) {
    tiles.join({line.data(), 16, kLength, rows.data(), kernels::kTileDepth, kPixels});
    benchmark::ClobberMemory();
  }
  report(state, 0, 0);
}

template <class Sum>
void threshold(benchmark::State& state, kernels::ThresholdFn<Sum> kernel) {
  const Operand<Sum> sums(kPixels * kChannels + kernels::kSumSlack, 3);
  const Operand<Sum> thresholds(3 * kChannels, 1);
  Operand<Word> codes(2 * kPixels);
  for (auto _ : state) {
    kernel({sums.data(),
            kChannels,
            kPixels,
            kChannels,
            thresholds.data(),
            kChannels,
            {codes.data(), 2, 1}});
    benchmark::ClobberMemory();
  }
  report(state, 0, 0);
}

void threshold_i16(benchmark::State& state, const Kernels& kernels) {
  threshold(state, kernels.threshold_i16);
}

void threshold_i32(benchmark::State& state, const Kernels& kernels) {
  threshold(state, kernels.threshold_i32);
}

// Values and codes, no addend.
template <class Sum>
void epilogue(benchmark::State& state, kernels::EpilogueFn<Sum> kernel) {
  const Operand<Sum> sums(kPixels * kChannels + kernels::kSumSlack, 3);
  const Operand<float> ones(3 * kChannels, 1.0F);
  Operand<float> y(kPixels * kChannels);
  Operand<Word> codes(2 * kPixels);
  for (auto _ : state) {
    kernel({sums.data(),
            kChannels,
            kPixels,
            kChannels,
            ones.data(),
            ones.data(),
            nullptr,
            y.data(),
            kChannels,
            ones.data(),
            ones.data(),
            kChannels,
            {codes.data(), 2, 1}});
    benchmark::ClobberMemory();
  }
  report(state, 0, 0);
}

void epilogue_i16(benchmark::State& state, const Kernels& kernels) {
  epilogue(state, kernels.epilogue_i16);
}

void epilogue_i32(benchmark::State& state, const Kernels& kernels) {
  epilogue(state, kernels.epilogue_i32);
}

void epilogue_f32(benchmark::State& state, const Kernels& kernels) {
  epilogue(state, kernels.epilogue_f32);
}

// One window of 3x3 pixels: `reduce` is called with its taps.
template <class T, class Reduce>
void pool(benchmark::State& state, const Reduce& reduce) {
  constexpr int kTaps = 9;
  const Operand<T> values(kTaps * kChannels, T{3});
  std::array<const T*, kTaps> taps;
  for (int t = 0; t < kTaps; ++t) taps[t] = values.data() + t * kChannels;
  Operand<T> y(kChannels);
  for (auto _ : state) {
    reduce(taps.data(), kTaps, y.data());
    benchmark::ClobberMemory();
  }
  report(state, 0, 0);
}

void max(benchmark::State& state, const Kernels& kernels) {
  pool<float>(state, [&](const float* const* taps, int count, float* y) {
    kernels.max(taps, count, kChannels, y);
  });
}

void mean(benchmark::State& state, const Kernels& kernels) {
  pool<float>(state, [&](const float* const* taps, int count, float* y) {
    kernels.mean(taps, count, kChannels, 9.0F, y);
  });
}

void max_sum(benchmark::State& state, const Kernels& kernels) {
  const Operand<std::int32_t> turn(kChannels, -1);
  pool<std::int32_t>(state, [&](const std::int32_t* const* taps, int count, std::int32_t* y) {
    kernels.max_sum(taps, count, kChannels, turn.data(), y);
  });
}

void expand(benchmark::State& state, const Kernels& kernels) {
  const Operand<Word> codes(2 * kPixels, 0x5a5a5a5a5a5a5a5a);
  Operand<std::uint8_t> bytes(kPixels * kChannels);
  for (auto _ : state) {
    kernels.expand({codes.data(), 2, 1, kPixels, kChannels, bytes.data(), kChannels});
    benchmark::ClobberMemory();
  }
  report(state, 0, 0);
}

// 3x3 taps.
template <class Input, class Weight, class Sum>
void depthwise(benchmark::State& state,
               void (*kernel)(const kernels::DepthwiseTask<Input, Weight, Sum>& task)) {
  constexpr int kSide = 3;
  constexpr int kWidth = kPixels + kSide - 1;
  const Operand<Input> input(kSide * kWidth * kChannels, Input{3});
  const Operand<Weight> weights(kSide * kSide * kChannels, Weight{-1});
  const std::array<const Input*, kSide> rows = {input.data(), &input[kWidth * kChannels],
                                                &input[2 * kWidth * kChannels]};
  Operand<Sum> sums(kPixels * kChannels);
  for (auto _ : state) {
    kernel({.rows = rows.data(),
            .row_count = kSide,
            .columns = kSide,
            .offset = 0,
            .column_step = kChannels,
            .pixel_step = kChannels,
            .weights = weights.data(),
            .weight_row_step = kSide * kChannels,
            .weight_step = kChannels,
            .pixels = kPixels,
            .channels = kChannels,
            .sums = sums.data(),
            .sum_step = kChannels});
    benchmark::ClobberMemory();
  }
  report(state, 1.0 * kPixels * kChannels * kSide * kSide, 0);
}

void depthwise_codes(benchmark::State& state, const Kernels& kernels) {
  depthwise(state, kernels.depthwise_codes);
}

void depthwise_u8(benchmark::State& state, const Kernels& kernels) {
  depthwise(state, kernels.depthwise_u8);
}

void depthwise_f32(benchmark::State& state, const Kernels& kernels) {
  depthwise(state, kernels.depthwise_f32);
}

// `reduce` is called with pixels and outputs that fit the cache.
template <class Reduce>
void pixels(benchmark::State& state, const Reduce& reduce) {
  const Operand<float> x(kReducedPixels * kChannels, 3.0F);
  Operand<float> y(kReducedPixels * kChannels);
  for (auto _ : state) {
    reduce(x.data(), y.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * kReducedPixels *
                          kChannels * static_cast<std::int64_t>(sizeof(float)));
  report(state, 0, 0);
}

void reduce_rows(benchmark::State& state, kernels::RowsFn kernel) {
  pixels(state,
         [&](const float* x, float* y) { kernel({x, kChannels, kReducedPixels, kChannels, y}); });
}

void sum_rows(benchmark::State& state, const Kernels& kernels) {
  reduce_rows(state, kernels.sum_rows);
}

void max_rows(benchmark::State& state, const Kernels& kernels) {
  reduce_rows(state, kernels.max_rows);
}

void reduce_channels(benchmark::State& state, kernels::PixelsFn kernel) {
  pixels(state, [&](const float* x, float* y) { kernel(x, kReducedPixels, kChannels, y); });
}

void sum_channels(benchmark::State& state, const Kernels& kernels) {
  reduce_channels(state, kernels.sum_channels);
}

void max_channels(benchmark::State& state, const Kernels& kernels) {
  reduce_channels(state, kernels.max_channels);
}

void argmax(benchmark::State& state, const Kernels& kernels) {
  reduce_channels(state, kernels.argmax);
}

void l2_normalize(benchmark::State& state, const Kernels& kernels) {
  pixels(state, [&](const float* x, float* y) {
    kernels.l2_normalize(x, kReducedPixels, kChannels, 1e-12F, y);
  });
}

void moment_rows(benchmark::State& state, const Kernels& kernels) {
  const Operand<double> means(kChannels, 2.5);
  Operand<double> sums(kChannels);
  pixels(state, [&](const float* x, float*) {
    kernels.moment_rows({x, kChannels, kReducedPixels, kChannels, means.data(), sums.data()});
  });
}

void group_norm(benchmark::State& state, const Kernels& kernels) {
  const Operand<double> moments(kChannels, 2.5);
  const Operand<float> affine(kChannels, 0.5F);
  pixels(state, [&](const float* x, float* y) {
    kernels.group_norm({x, kReducedPixels, kChannels, moments.data(), moments.data(), affine.data(),
                        affine.data(), y});
  });
}

void layer_norm(benchmark::State& state, const Kernels& kernels) {
  const Operand<float> affine(kChannels, 0.5F);
  pixels(state, [&](const float* x, float* y) {
    kernels.layer_norm({x, kReducedPixels, kChannels, affine.data(), affine.data(), 1e-5, y});
  });
}

// Bytes that are read and written count.
template <class Body>
void elements(benchmark::State& state, std::int64_t inputs, const Body& body) {
  constexpr std::int64_t kCount = std::int64_t{kReducedPixels} * kChannels;
  const Operand<float> x(kCount, 0.75F);
  Operand<float> y(kCount);
  for (auto _ : state) {
    body(x.data(), kCount, y.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * kCount * (inputs + 1) *
                          static_cast<std::int64_t>(sizeof(float)));
  report(state, 0, 0);
}

void exp(benchmark::State& state, const Kernels& kernels) { elements(state, 1, kernels.exp); }

void sigmoid(benchmark::State& state, const Kernels& kernels) {
  elements(state, 1, kernels.sigmoid);
}

void tanh(benchmark::State& state, const Kernels& kernels) { elements(state, 1, kernels.tanh); }

void silu(benchmark::State& state, const Kernels& kernels) { elements(state, 1, kernels.silu); }

void gelu(benchmark::State& state, const Kernels& kernels) { elements(state, 1, kernels.gelu); }

void gelu_tanh(benchmark::State& state, const Kernels& kernels) {
  elements(state, 1, kernels.gelu_tanh);
}

void hard_sigmoid(benchmark::State& state, const Kernels& kernels) {
  elements(state, 1, kernels.hard_sigmoid);
}

void hard_swish(benchmark::State& state, const Kernels& kernels) {
  elements(state, 1, kernels.hard_swish);
}

void clamp(benchmark::State& state, const Kernels& kernels) {
  elements(state, 1, [&](const float* x, std::ptrdiff_t count, float* y) {
    kernels.clamp(x, count, 0.0F, 6.0F, y);
  });
}

void elu(benchmark::State& state, const Kernels& kernels) {
  elements(state, 1,
           [&](const float* x, std::ptrdiff_t count, float* y) { kernels.elu(x, count, 1.0F, y); });
}

void prelu(benchmark::State& state, const Kernels& kernels) {
  const Operand<float> slope(kChannels, 0.25F);
  elements(state, 1, [&](const float* x, std::ptrdiff_t, float* y) {
    kernels.prelu(x, kReducedPixels, kChannels, slope.data(), y);
  });
}

void binary(benchmark::State& state, kernels::BinaryFn kernel) {
  elements(state, 2, [&](const float* x, std::ptrdiff_t count, float* y) {
    kernel({x, x, false, false, count, y});
  });
}

void sub(benchmark::State& state, const Kernels& kernels) { binary(state, kernels.sub); }

void mul(benchmark::State& state, const Kernels& kernels) { binary(state, kernels.mul); }

void add(benchmark::State& state, const Kernels& kernels) { binary(state, kernels.add); }

template <class Run>
void register_one(const std::string& name, const Kernels& kernels, const Run& run) {
  benchmark::RegisterBenchmark(("bare/" + name + "/" + kernels.isa).c_str(), run);
}

}  // namespace

void register_bare() {
  using benchmark::State;
  for (const Kernels& kernels : kernels::available()) {
#define EDGEBIN_ADD(kernel, type) \
  register_one(#kernel, kernels, [&](State& state) { kernel(state, kernels); });
    EDGEBIN_KERNELS(EDGEBIN_ADD)
#undef EDGEBIN_ADD
    for (int i = 0; i < kernels.lookup_count; ++i) {
      const Lookup& way = kernels.lookups[i];
      const std::string name = way.name;
      register_one(name, kernels, [&](State& state) { lookup(state, kernels, way); });
      register_one("build_" + name, kernels, [&](State& state) { build_tables(state, way); });
    }
    const kernels::MatrixTiles& tiles = kernels.matrix_tiles;
    if (tiles.name == nullptr) continue;
    register_one(tiles.name, kernels, [&](State& state) { matrix_tiles(state, tiles); });
    register_one("unpack_codes", kernels, [&](State& state) { unpack_codes(state, tiles); });
    register_one("join_rows", kernels, [&](State& state) { join_rows(state, tiles); });
  }
}

}  // namespace edgebin::benchmarks
