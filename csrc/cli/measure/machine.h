// What a measurement must say about the machine it was made on, as edgebin.machine has it in
// Python: read from /proc and /sys where they exist; what a machine does not tell is left open.
#ifndef EDGEBIN_CLI_MEASURE_MACHINE_H_
#define EDGEBIN_CLI_MEASURE_MACHINE_H_

#include <cstdint>
#include <optional>
#include <string>

namespace edgebin::cli {

// At one moment.
struct Machine {
  std::optional<std::string> cpu;  // model of the board or processor
  std::string architecture;        // as `uname -m` says
  int cores = 1;                   // that this process may use
  std::optional<std::string> governor;
  std::optional<double> clock_mhz;
  std::optional<double> temperature_c;  // of the processor, or else of the first zone
  std::optional<bool> throttled;        // by heat or weak supply, as a Raspberry Pi's firmware says
};

// `root` is where proc/ and sys/ are; it ends with a slash.
Machine look(const std::string& root = "/");

// Peak resident memory of this process in bytes.
std::optional<std::uint64_t> peak_memory();

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_MEASURE_MACHINE_H_
