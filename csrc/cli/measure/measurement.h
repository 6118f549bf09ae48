// Measures the latency and the memory of a model in this process, as edgebin.runtime.measure does
// in Python.
#ifndef EDGEBIN_CLI_MEASURE_MEASUREMENT_H_
#define EDGEBIN_CLI_MEASURE_MEASUREMENT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/arguments.h"

namespace edgebin::cli {

// Times in milliseconds, sizes in bytes.
struct Measurement {
  std::string isa;
  double load_ms = 0;   // from a path to a model that is ready to run
  double first_ms = 0;  // the first call of run()
  std::vector<double> run_ms;
  std::uint64_t arena_bytes = 0;
  std::uint64_t file_bytes = 0;
  std::optional<std::uint64_t> start_memory_bytes;  // peak resident memory before loading
  std::optional<std::uint64_t> peak_memory_bytes;   // peak resident memory at the end
};

// Throws what Model throws.
Measurement measure(const Arguments& arguments);

struct Summary {
  double min;
  double mean;
  double median;
  double p90;
  double p99;
};

// `times` has at least one element. Percentiles are interpolated linearly, as numpy does.
Summary summarise(std::span<const double> times);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_MEASURE_MEASUREMENT_H_
