// The clock, the table of peaks, and the counters derived from both.
#include "counters.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include "kernels/dispatch.h"

namespace edgebin::benchmarks {
namespace {

struct Peak {
  std::string_view isa;
  std::string_view kernel;
  double macs_per_cycle;
};

constexpr Peak kPeaks[] = {
    {"amx", "matrix_tiles", 1024},  {"amx", "u8s8", 1024},
    {"avx512", "lookup_wide", 384}, {"avx512", "lookup_narrow", 256},
    {"avx512", "u8s8", 64},         {"avx512", "bit_serial", 171},
    {"avx_vnni", "u8s8", 64},       {"avx2", "lookup_wide", 256},
    {"avx2", "lookup_narrow", 256}, {"avx2", "u8s8", 32},
    {"avx2", "bit_serial", 85},
};

bool has_kernel(const kernels::Kernels& kernels, std::string_view name) {
#define EDGEBIN_NAME(kernel, type) #kernel,
  constexpr std::string_view kNames[] = {EDGEBIN_KERNELS(EDGEBIN_NAME)};
#undef EDGEBIN_NAME
  const std::span lookups(kernels.lookups, kernels.lookup_count);
  const char* const tiles = kernels.matrix_tiles.name;
  return std::ranges::find(kNames, name) != std::end(kNames) ||
         (tiles != nullptr && name == tiles) ||
         std::ranges::any_of(lookups, [&](const auto& lookup) { return lookup.name == name; });
}

double measure_clock() {
  constexpr int kProducts = 100'000;
  constexpr double kLatency = 3;  // of a 64-bit multiplication, on x86 since 2008
  double best = 0;
  for (int run = 0; run < 4000; ++run) {
    std::uint64_t product = 3;
    std::uint64_t factor = 5;
    benchmark::DoNotOptimize(product);
    benchmark::DoNotOptimize(factor);
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kProducts; ++i) product *= factor;
    benchmark::DoNotOptimize(product);
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    best = std::max(best, kLatency * kProducts / spent.count());
  }
  return best;
}

}  // namespace

double clock_ghz() {
  static const double clock = measure_clock();
  return clock;
}

void check_peaks() {
  for (const kernels::Kernels& kernels : kernels::available()) {
    for (const Peak& entry : kPeaks) {
      if (entry.isa != kernels.isa || has_kernel(kernels, entry.kernel)) continue;
      throw std::logic_error("peaks: " + std::string(entry.isa) + " has no kernel \"" +
                             std::string(entry.kernel) + "\"");
    }
  }
}

double peak(std::string_view isa, std::string_view kernel) {
  const auto* const found = std::ranges::find_if(
      kPeaks, [&](const Peak& entry) { return entry.isa == isa && entry.kernel == kernel; });
  return found == std::end(kPeaks) ? 0 : found->macs_per_cycle;
}

void report(benchmark::State& state, double macs, double peak) {
  using benchmark::Counter;
  constexpr auto kRate = Counter::kIsIterationInvariantRate;
  state.counters["us"] = Counter(1e-6, Counter::Flags(kRate | Counter::kInvert));
  if (macs == 0) return;
  state.counters["mac_per_ns"] = Counter(macs * 1e-9, kRate);
  state.counters["mac_per_cycle"] = Counter(macs * 1e-9 / clock_ghz(), kRate);
  if (peak != 0) state.counters["peak"] = peak;
}

}  // namespace edgebin::benchmarks
