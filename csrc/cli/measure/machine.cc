#include "cli/measure/machine.h"

#include <dirent.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/affinity.h"
#include "base/error.h"

namespace edgebin::cli {
namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             std::fclose);
  if (file == nullptr) return lines;
  std::string line;
  for (int c = std::fgetc(file.get()); c != EOF; c = std::fgetc(file.get())) {
    if (c == '\n') {
      lines.push_back(std::move(line));
      line.clear();
    } else {
      line += static_cast<char>(c);
    }
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace(" \t\0", 3);
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

std::optional<std::string> line_of(const std::string& path) {
  const auto lines = lines_of(path);
  if (lines.empty()) return std::nullopt;
  return trimmed(lines.front());
}

// The number in a file that holds a number and nothing else.
std::optional<long> number_of(const std::string& path, int base) {
  const auto line = line_of(path);
  if (!line || line->empty()) return std::nullopt;
  char* end = nullptr;
  const long value = std::strtol(line->c_str(), &end, base);
  if (*end != '\0') return std::nullopt;
  return value;
}

std::optional<double> thousandth_of(const std::string& path) {
  const auto value = number_of(path, 10);
  if (!value) return std::nullopt;
  return static_cast<double>(*value) * 1e-3;
}

// The text after "KEY:" or "KEY   :" in a file of such lines.
std::optional<std::string> entry_of(const std::string& path, std::string_view key) {
  for (const std::string& line : lines_of(path)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || trimmed(line.substr(0, colon)) != key) continue;
    return trimmed(line.substr(colon + 1));
  }
  return std::nullopt;
}

// Names in a folder with a prefix, "zone2" before "zone10".
std::vector<std::string> names_in(const std::string& folder, std::string_view prefix) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (open == nullptr) return names;
  while (const dirent* const entry = ::readdir(open.get())) {
    const std::string_view name(entry->d_name);
    if (name.starts_with(prefix)) names.emplace_back(name);
  }
  std::ranges::sort(names, {}, [](const std::string& name) {
    return std::pair(name.size(), std::string_view(name));
  });
  return names;
}

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
  return machine;
}

std::optional<std::uint64_t> peak_memory() {
  const auto entry = entry_of("/proc/self/status", "VmHWM");
  if (!entry) return std::nullopt;
  return std::uint64_t{1024} * std::strtoull(entry->c_str(), nullptr, 10);
}

}  // namespace edgebin::cli
