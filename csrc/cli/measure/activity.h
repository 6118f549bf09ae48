// What the machine and this process did between two moments of a measurement, as
// edgebin.runtime.measure.activity has it in Python.
#ifndef EDGEBIN_CLI_MEASURE_ACTIVITY_H_
#define EDGEBIN_CLI_MEASURE_ACTIVITY_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "cli/measure/control_group.h"

namespace edgebin::cli {

// Seconds of all cores together since boot.
struct ProcessorTime {
  int cores = 0;
  double busy = 0;
  double idle = 0;
  double steal = 0;  // taken by a hypervisor
};

// All counters at one moment.
struct Moment {
  double seconds = 0;  // of a clock that never goes back
  double cpu_seconds = 0;
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;
  std::optional<double> waited_seconds;  // in which threads could run, but had no core
  std::optional<ProcessorTime> processor;
  ControlGroup group;
  std::optional<double> load_average;
};

struct Activity {
  double wall_seconds = 0;
  double cpu_seconds = 0;
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;
  std::optional<double> waited_seconds;
  std::optional<int> machine_cores;    // also those that this process may not use
  std::optional<double> others_cores;  // that everything else used on average
  std::optional<double> steal_share;
  std::optional<double> load_average;  // the larger one of before and after
  std::optional<double> cpu_quota;
  std::optional<std::int64_t> throttled_periods;
  std::optional<double> throttled_seconds;
  std::optional<double> clock_mhz;   // of the first core, after the last call
  std::optional<double> core_share;  // of one thread, the median of samples between calls
  std::set<int> cores_seen;          // on which threads of this process ran when that was sampled
};

// `root` is the folder of proc/ and sys/ and ends with a slash.
std::optional<double> load_average(const std::string& root = "/");
std::optional<ProcessorTime> processor_time(const std::string& root = "/");
std::set<int> cores_in_use(const std::string& root = "/");  // by threads of this process, now
std::optional<std::uint64_t> resident_memory(const std::string& root = "/");

// Before calls are timed, this process is read last; afterwards, first.
Moment moment_before(const std::string& root = "/");
Moment moment_after(const std::string& root = "/");

Activity activity_between(const Moment& before, const Moment& after, const std::string& root = "/");

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_MEASURE_ACTIVITY_H_
