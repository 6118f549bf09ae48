#include "cli/measure/activity.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "cli/measure/files.h"

namespace edgebin::cli {
namespace {

constexpr double kTicks = 100;  // a second, in /proc/stat
constexpr long long kMostCores = 1 << 16;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// The time in which threads waited for a core: the second number of schedstat.
std::optional<double> waited_seconds(const std::string& root) {
  const std::string tasks = root + "proc/self/task/";
  std::optional<double> sum;
  for (const std::string& task : names_in(tasks, "")) {
    if (!number_from(task)) continue;
    const auto words = words_of(line_of(tasks + task + "/schedstat").value_or(""));
    const auto waited = words.size() > 1 ? number_from(words[1]) : std::nullopt;
    if (waited) sum = sum.value_or(0) + static_cast<double>(*waited) * 1e-9;
  }
  return sum;
}

template <class T>
std::optional<T> passed(const std::optional<T>& before, const std::optional<T>& after) {
  if (!before || !after) return std::nullopt;
  return std::max(T{0}, *after - *before);
}

void read_own_counters(const std::string& root, Moment& moment) {
  moment.waited_seconds = waited_seconds(root);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  moment.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  moment.voluntary_switches = usage.ru_nvcsw;
  moment.involuntary_switches = usage.ru_nivcsw;
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  moment.seconds = std::chrono::duration<double>(since_start).count();
}

void read_machine_counters(const std::string& root, Moment& moment) {
  moment.processor = processor_time(root);
  moment.group = read_control_group(root);
  moment.load_average = load_average(root);
}

bool is_core(const std::string& name) {
  return name.size() > 3 && name.starts_with("cpu") &&
         name.find_first_not_of("0123456789", 3) == std::string::npos;
}

}  // namespace

std::optional<double> load_average(const std::string& root) {
  const auto words = words_of(line_of(root + "proc/loadavg").value_or(""));
  if (words.size() < 3) return std::nullopt;
  char* end = nullptr;
  const double load = std::strtod(words[0].c_str(), &end);
  if (*end != '\0' || !(load >= 0 && load < 1e7)) return std::nullopt;
  return load;
}

std::optional<ProcessorTime> processor_time(const std::string& root) {
  ProcessorTime time;
  std::array<double, 8> ticks{};  // user, nice, system, idle, iowait, irq, softirq, steal
  bool has_total = false;
  for (const std::string& line : lines_of(root + "proc/stat")) {
    const auto words = words_of(line);
    if (words.empty()) continue;
    if (is_core(words[0])) ++time.cores;
    if (words[0] != "cpu") continue;
    if (words.size() < 6) return std::nullopt;
    for (std::size_t i = 0; i < std::min(ticks.size(), words.size() - 1); ++i) {
      const auto value = number_from(words[i + 1]);
      if (!value) return std::nullopt;
      ticks[i] = static_cast<double>(std::max(0LL, *value));
    }
    has_total = true;
  }
  if (!has_total || time.cores == 0) return std::nullopt;
  time.busy = (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / kTicks;
  time.idle = (ticks[3] + ticks[4]) / kTicks;
  time.steal = ticks[7] / kTicks;
  return time;
}

std::set<int> cores_in_use(const std::string& root) {
  constexpr std::size_t kProcessor = 36;  // field behind the name: the core that it ran on last
  const std::string tasks = root + "proc/self/task/";
  std::set<int> cores;
  for (const std::string& task : names_in(tasks, "")) {
    if (!number_from(task)) continue;
    const std::string stat = line_of(tasks + task + "/stat").value_or("");
    // The name before the last bracket may hold anything; behind it, state is the first field.
    const std::size_t bracket = stat.rfind(')');
    if (bracket == std::string::npos) continue;
    const auto words = words_of(std::string_view(stat).substr(bracket + 1));
    if (words.size() <= kProcessor || words[0] != "R") continue;
    const long long core = number_from(words[kProcessor]).value_or(-1);
    if (core >= 0 && core < kMostCores) cores.insert(static_cast<int>(core));
  }
  return cores;
}

std::optional<std::uint64_t> resident_memory(const std::string& root) {
  const auto words = words_of(line_of(root + "proc/self/statm").value_or(""));
  const long long pages = words.size() > 1 ? number_from(words[1]).value_or(-1) : -1;
  if (pages < 0) return std::nullopt;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

Moment moment_before(const std::string& root) {
  Moment moment;
  read_machine_counters(root, moment);
  read_own_counters(root, moment);
  return moment;
}

Moment moment_after(const std::string& root) {
  Moment moment;
  read_own_counters(root, moment);
  read_machine_counters(root, moment);
  return moment;
}

Activity activity_between(const Moment& before, const Moment& after, const std::string& root) {
  Activity activity;
  activity.wall_seconds = after.seconds - before.seconds;
  activity.cpu_seconds = std::max(0.0, after.cpu_seconds - before.cpu_seconds);
  activity.voluntary_switches = after.voluntary_switches - before.voluntary_switches;
  activity.involuntary_switches = after.involuntary_switches - before.involuntary_switches;
  activity.waited_seconds = passed(before.waited_seconds, after.waited_seconds);
  if (before.processor && after.processor) {
    const double busy = std::max(0.0, after.processor->busy - before.processor->busy);
    const double idle = std::max(0.0, after.processor->idle - before.processor->idle);
    const double steal = std::max(0.0, after.processor->steal - before.processor->steal);
    activity.machine_cores = after.processor->cores;
    if (activity.wall_seconds > 0) {
      activity.others_cores = std::max(0.0, busy - activity.cpu_seconds) / activity.wall_seconds;
    }
    if (busy + idle + steal > 0) activity.steal_share = steal / (busy + idle + steal);
  }
  activity.load_average = std::max(before.load_average, after.load_average);  // nothing is least
  activity.cpu_quota = after.group.cpu_quota;
  activity.throttled_periods =
      passed(before.group.throttled_periods, after.group.throttled_periods);
  activity.throttled_seconds =
      passed(before.group.throttled_seconds, after.group.throttled_seconds);
  activity.clock_mhz = thousandth_of(root + "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq");
  return activity;
}

}  // namespace edgebin::cli
