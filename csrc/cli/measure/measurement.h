// Measures the latency and the memory of a model in this process, as edgebin.runtime.measure does
// in Python.
#ifndef EDGEBIN_CLI_MEASURE_MEASUREMENT_H_
#define EDGEBIN_CLI_MEASURE_MEASUREMENT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/measure/activity.h"
#include "cli/measure/profile.h"

namespace edgebin::cli {

// Resident memory, `seconds` after the first timed call.
struct MemorySample {
  double seconds;
  std::uint64_t bytes;
};

// Times in milliseconds, sizes in bytes.
struct Measurement {
  std::string isa;
  std::string name;            // of the network, from the file
  double load_ms = 0;          // from a path to a model that is ready to run
  double first_ms = 0;         // the first call of run()
  int warmup = 0;              // untimed calls after the first
  std::optional<bool> stable;  // times were, after these; empty where their number was given
  std::vector<double> run_ms;
  std::uint64_t arena_bytes = 0;
  std::uint64_t file_bytes = 0;
  std::optional<std::uint64_t> start_memory_bytes;  // peak resident memory before loading
  std::optional<std::uint64_t> peak_memory_bytes;   // peak resident memory at the end
  std::vector<MemorySample> memory;                 // resident memory between timed calls
  Activity activity;
  std::vector<ProfiledStep> steps;  // the profile, if one was asked for
};

// Calls `loaded` once the model is loaded, before anything is timed. Throws what Model throws.
Measurement measure(const Arguments& arguments, const std::function<void()>& loaded);

struct WarmUp {
  int calls;
  bool stable;
};

// Makes calls until the medians of two consecutive windows agree, or for the longest time. `call`
// makes one and returns its milliseconds.
WarmUp warm_up(const std::function<double()>& call);

struct Summary {
  double min;
  double mean;
  double median;
  double p90;
  double p99;
  double max;
  double iqr;  // between the 25th and the 75th percentile
};

// `times` has at least one element. Percentiles are interpolated linearly, as numpy does.
Summary summarise(std::span<const double> times);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_MEASURE_MEASUREMENT_H_
