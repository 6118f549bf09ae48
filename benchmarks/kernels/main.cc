// Times of whole convolution steps and of bare kernels, on every instruction set of this machine,
// with one thread. It checks no result: the tests do.
#include <string>

#include "counters.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::AddCustomContext("clock_ghz", std::to_string(edgebin::benchmarks::clock_ghz()));
  edgebin::benchmarks::register_steps();
  edgebin::benchmarks::register_bare();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
