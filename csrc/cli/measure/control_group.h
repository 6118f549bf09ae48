// The limits of the control group that this process is in, as edgebin.machine.activity.cgroup reads
// them in Python: version 1 and 2, the tightest limit from the group up to the root.
#ifndef EDGEBIN_CLI_MEASURE_CONTROL_GROUP_H_
#define EDGEBIN_CLI_MEASURE_CONTROL_GROUP_H_

#include <cstdint>
#include <optional>
#include <string>

namespace edgebin::cli {

struct ControlGroup {
  std::optional<double> cpu_quota;  // cores that it may use on average
  std::optional<std::int64_t> memory_limit_bytes;
  std::optional<std::int64_t> throttled_periods;  // how often it was stopped at the quota's end
  std::optional<double> throttled_seconds;
};

// `root` is the folder of proc/ and sys/ and ends with a slash.
ControlGroup read_control_group(const std::string& root = "/");

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_MEASURE_CONTROL_GROUP_H_
