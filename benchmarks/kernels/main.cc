// Times of whole convolution steps and of bare kernels, on every instruction set of this machine,
// with one thread. Results are checked by the tests, not here. The exit code is 2 if the filter is
// not a regular expression or matches no name; Google Benchmark prints which of the two.
#include <string>

#include "counters.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  edgebin::benchmarks::check_peaks();
  benchmark::AddCustomContext("edgebin_version", EDGEBIN_VERSION);
  benchmark::AddCustomContext("clock_ghz", std::to_string(edgebin::benchmarks::clock_ghz()));
  edgebin::benchmarks::register_steps();
  edgebin::benchmarks::register_bare();
  const bool ran = benchmark::RunSpecifiedBenchmarks() > 0;
  benchmark::Shutdown();
  return ran ? 0 : 2;
}
