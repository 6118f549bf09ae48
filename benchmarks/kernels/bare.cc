// Kernels alone, on operands that fit a first-level cache of 32 KiB.
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

void run_bit_serial(benchmark::State& state, const Kernels& kernels) {
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

void run_u8s8(benchmark::State& state, const Kernels& kernels) {
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

// Three window rows of three taps over 64 input channels. All rows see the same tables, which
// leaves room for the weights.
void run_lookup(benchmark::State& state, const Kernels& kernels, const Lookup& lookup) {
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

void run_build(benchmark::State& state, const Lookup& lookup) {
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

void run_threshold(benchmark::State& state, const Kernels& kernels) {
  const Operand<std::int16_t> sums(kPixels * kChannels + kernels::kSumSlack, 3);
  const Operand<std::int16_t> thresholds(3 * kChannels, 1);
  Operand<Word> codes(2 * kPixels);
  for (auto _ : state) {
    kernels.threshold_i16({sums.data(),
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

void run_epilogue(benchmark::State& state, const Kernels& kernels) {
  const Operand<std::int16_t> sums(kPixels * kChannels + kernels::kSumSlack, 3);
  const Operand<float> ones(3 * kChannels, 1.0F);
  Operand<float> y(kPixels * kChannels);
  Operand<Word> codes(2 * kPixels);
  for (auto _ : state) {
    kernels.epilogue_i16({sums.data(),
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

template <class Run>
void add(const std::string& name, const Kernels& kernels, const Run& run) {
  benchmark::RegisterBenchmark(("bare/" + name + "/" + kernels.isa).c_str(), run);
}

}  // namespace

void register_bare() {
  using benchmark::State;
  for (const Kernels& kernels : kernels::available()) {
    add("bit_serial", kernels, [&](State& state) { run_bit_serial(state, kernels); });
    add("u8s8", kernels, [&](State& state) { run_u8s8(state, kernels); });
    add("threshold_i16", kernels, [&](State& state) { run_threshold(state, kernels); });
    add("epilogue_i16", kernels, [&](State& state) { run_epilogue(state, kernels); });
    for (int i = 0; i < kernels.lookup_count; ++i) {
      const Lookup& lookup = kernels.lookups[i];
      const std::string name = lookup.name;
      add(name, kernels, [&](State& state) { run_lookup(state, kernels, lookup); });
      add("build_" + name, kernels, [&](State& state) { run_build(state, lookup); });
    }
  }
}

}  // namespace edgebin::benchmarks
