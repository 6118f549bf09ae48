#include "cli/measure/machine.h"

#include <sys/utsname.h>

#include <cstdlib>

#include "base/affinity.h"
#include "base/error.h"
#include "cli/measure/activity.h"
#include "cli/measure/control_group.h"
#include "cli/measure/files.h"

namespace edgebin::cli {
namespace {

// The temperature of the processor's thermal zone, known by its name, or of the first zone.
std::optional<double> temperature_of(const std::string& root) {
  const std::string folder = root + "sys/class/thermal/";
  std::optional<double> first;
  for (const std::string& zone : names_in(folder, "thermal_zone")) {
    const auto celsius = thousandth_of(folder + zone + "/temp");
    if (!celsius || *celsius < -40 || *celsius > 150) continue;  // the sensor is off
    const std::string type = line_of(folder + zone + "/type").value_or("");
    if (type.starts_with("cpu") || type.starts_with("CPU") || type == "x86_pkg_temp") {
      return celsius;
    }
    if (!first) first = celsius;
  }
  return first;
}

// The current state that a Raspberry Pi's firmware reports. A Pi 5 names the node after its
// address.
std::optional<bool> throttled(const std::string& root) {
  const std::string folder = root + "sys/devices/platform/";
  for (const std::string& soc : names_in(folder, "soc")) {
    const auto word = number_of(message(folder, soc, "/", soc, ":firmware/get_throttled"), 16);
    if (word) return (*word & 0xf) != 0;
  }
  return std::nullopt;
}

std::optional<std::string> cpu_of(const std::string& root) {
  const auto board = line_of(root + "proc/device-tree/model");
  return board && !board->empty() ? board : entry_of(root + "proc/cpuinfo", "model name");
}

std::string architecture() {
  utsname names{};
  return uname(&names) == 0 ? names.machine : "unknown";
}

}  // namespace

Machine read_machine(const std::string& root) {
  const std::string clock = root + "sys/devices/system/cpu/cpu0/cpufreq/";
  Machine machine;
  machine.cpu = cpu_of(root);
  machine.architecture = architecture();
  machine.cores = usable_core_count();
  machine.governor = line_of(clock + "scaling_governor");
  machine.clock_mhz = thousandth_of(clock + "scaling_cur_freq");
  machine.temperature_c = temperature_of(root);
  machine.throttled = throttled(root);
  machine.load_average = load_average(root);
  const ControlGroup group = read_control_group(root);
  machine.cpu_quota = group.cpu_quota;
  machine.memory_limit_bytes = group.memory_limit_bytes;
  return machine;
}

std::optional<std::uint64_t> peak_memory() {
  const auto entry = entry_of("/proc/self/status", "VmHWM");
  if (!entry) return std::nullopt;
  return std::uint64_t{1024} * std::strtoull(entry->c_str(), nullptr, 10);
}

}  // namespace edgebin::cli
