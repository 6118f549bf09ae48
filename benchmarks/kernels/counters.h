// What every benchmark of this folder reports beside its time. Cycles are not read from a counter,
// which virtual machines rarely allow: they are the time multiplied by a clock frequency that is
// measured once, before the first benchmark.
#ifndef EDGEBIN_BENCHMARKS_KERNELS_COUNTERS_H_
#define EDGEBIN_BENCHMARKS_KERNELS_COUNTERS_H_

#include <benchmark/benchmark.h>

#include <string_view>

namespace edgebin::benchmarks {

// Cycles per nanosecond: the best of several runs of a chain of multiplications, 3 cycles each.
double clock_ghz();

// Multiply-accumulates per cycle that the header comment of a kernel's file derives from the ports
// of Zen 4: modelled, not measured; 0 if it states none. `kernel` is a name of Step::kernel().
double peak(std::string_view isa, std::string_view kernel);

// Throws std::logic_error if a peak names a kernel that its instruction set lacks, as after a
// renaming: steps would silently lose their peak.
void check_peaks();

// Reports the work of one iteration; `macs` and `peak` are left out where 0.
void report(benchmark::State& state, double macs, double peak);

void register_steps();
void register_bare();

}  // namespace edgebin::benchmarks

#endif  // EDGEBIN_BENCHMARKS_KERNELS_COUNTERS_H_
