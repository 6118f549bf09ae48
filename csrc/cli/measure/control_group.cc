#include "cli/measure/control_group.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "cli/measure/files.h"

namespace edgebin::cli {
namespace {

constexpr std::int64_t kUnlimitedBytes = std::int64_t{1} << 60;  // version 1 writes almost 2^63

std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// The folders from mount + path up to the mount, each with a slash at its end.
void add_upwards(const std::string& mount, std::string_view path,
                 std::vector<std::string>& folders) {
  std::vector<std::string> upwards = {mount};
  for (const std::string& part : parts_of(path, '/')) {
    if (part.empty() || part == "." || part == "..") continue;
    upwards.push_back(upwards.back() + part + "/");
  }
  folders.insert(folders.end(), upwards.rbegin(), upwards.rend());
}

// The folders of a controller that apply to this process.
std::vector<std::string> folders_of(const std::string& root, const std::string& controller) {
  const std::string mount = root + "sys/fs/cgroup/";
  std::vector<std::string> folders;
  for (const std::string& line : lines_of(root + "proc/self/cgroup")) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (names.empty() && line.starts_with("0:")) {  // version 2: one hierarchy for all controllers
      add_upwards(mount, path, folders);
      add_upwards(mount + "unified/", path, folders);
    } else if (std::ranges::count(parts_of(names, ','), controller) > 0) {
      const bool is_mounted = ::access((mount + names).c_str(), F_OK) == 0;
      add_upwards(mount + (is_mounted ? names : controller) + "/", path, folders);
    }
  }
  return folders;
}

std::optional<double> quota_of(const std::string& folder) {
  const auto words = words_of(line_of(folder + "cpu.max").value_or(""));
  const bool is_version_2 = words.size() == 2;
  const auto quota = is_version_2 ? number_from(words[0]) : number_of(folder + "cpu.cfs_quota_us");
  const auto period =
      is_version_2 ? number_from(words[1]) : number_of(folder + "cpu.cfs_period_us");
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<std::int64_t> memory_limit_of(const std::string& folder) {
  std::optional<std::int64_t> limit;
  for (const char* const name : {"memory.max", "memory.limit_in_bytes"}) {
    const long long bytes = number_of(folder + name).value_or(0);
    if (bytes > 0 && bytes < kUnlimitedBytes) limit = bytes;
  }
  return limit;
}

void add_throttling(const std::string& folder, ControlGroup& group) {
  std::optional<std::int64_t> periods;
  double seconds = 0;
  for (const std::string& line : lines_of(folder + "cpu.stat")) {
    const auto words = words_of(line);
    const long long number = words.size() == 2 ? number_from(words[1]).value_or(-1) : -1;
    if (number < 0) continue;
    if (words[0] == "nr_throttled") periods = number;
    if (words[0] == "throttled_usec") seconds = static_cast<double>(number) * 1e-6;
    if (words[0] == "throttled_time") seconds = static_cast<double>(number) * 1e-9;
  }
  if (!periods) return;
  group.throttled_periods = group.throttled_periods.value_or(0) + *periods;
  group.throttled_seconds = group.throttled_seconds.value_or(0) + seconds;
}

}  // namespace

ControlGroup read_control_group(const std::string& root) {
  ControlGroup group;
  for (const std::string& folder : folders_of(root, "cpu")) {
    const auto quota = quota_of(folder);
    if (quota) group.cpu_quota = std::min(*quota, group.cpu_quota.value_or(*quota));
    add_throttling(folder, group);
  }
  for (const std::string& folder : folders_of(root, "memory")) {
    const auto limit = memory_limit_of(folder);
    if (!limit) continue;
    group.memory_limit_bytes = std::min(*limit, group.memory_limit_bytes.value_or(*limit));
  }
  return group;
}

}  // namespace edgebin::cli
