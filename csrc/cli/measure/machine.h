// The state of the machine that a measurement is made on, as edgebin.machine reads it in Python:
// from /proc and /sys. What a machine does not tell stays empty.
#ifndef EDGEBIN_CLI_MEASURE_MACHINE_H_
#define EDGEBIN_CLI_MEASURE_MACHINE_H_

#include <cstdint>
#include <optional>
#include <string>

namespace edgebin::cli {

struct Machine {
  std::optional<std::string> cpu;  // model of the board or processor
  std::string architecture;        // as `uname -m` prints it
  int cores = 1;                   // usable by this process
  std::optional<std::string> governor;
  std::optional<double> clock_mhz;
  std::optional<double> temperature_c;  // of the processor, or of the first thermal zone
  std::optional<bool> throttled;        // by heat or weak supply, on a Raspberry Pi
  std::optional<double> load_average;   // of the whole machine, over a minute
  std::optional<double> cpu_quota;      // cores that the control group of this process may use
  std::optional<std::int64_t> memory_limit_bytes;  // of that group
};

// `root` is the folder of proc/ and sys/ and ends with a slash.
Machine read_machine(const std::string& root = "/");

// Peak resident memory of this process in bytes.
std::optional<std::uint64_t> peak_memory();

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_MEASURE_MACHINE_H_
