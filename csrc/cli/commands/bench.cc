// `edgebin-run bench`: measures latency and memory, between two looks at the machine's state, and
// judges whether the measurement means anything.
#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/io/sha256.h"
#include "cli/io/text.h"
#include "cli/measure/document.h"
#include "cli/measure/machine.h"
#include "cli/measure/measurement.h"
#include "cli/measure/verdict.h"
#include "edgebin/model.h"

namespace edgebin::cli {
namespace {

std::string padded(unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); }

// Of UTC, as ISO 8601 has it. std::strftime would link the C library's time zones and scanf into a
// static program, which are larger than the rest of this command.
std::string now() {
  using std::chrono::floor;
  const auto time = floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return std::to_string(static_cast<int>(date.year())) + '-' +
         padded(static_cast<unsigned>(date.month())) + '-' +
         padded(static_cast<unsigned>(date.day())) + 'T' +
         padded(static_cast<unsigned>(clock.hours().count())) + ':' +
         padded(static_cast<unsigned>(clock.minutes().count())) + ':' +
         padded(static_cast<unsigned>(clock.seconds().count())) + "+00:00";
}

std::string size_or_unknown(const std::optional<std::uint64_t>& bytes) {
  return bytes ? size(*bytes) : "unknown";
}

std::string text_of(const Machine& machine, const Activity& activity) {
  std::string text = plain(machine.cpu.value_or("unknown")) + ", " + machine.architecture + ", " +
                     counted(static_cast<std::size_t>(machine.cores), "core") + ", governor " +
                     plain(machine.governor.value_or("unknown"));
  const auto mhz = activity.clock_mhz ? activity.clock_mhz : machine.clock_mhz;
  if (mhz) text += ", " + decimal(*mhz, 0) + " MHz";
  if (machine.temperature_c) text += ", " + decimal(*machine.temperature_c, 0) + " °C";
  return text;
}

std::string seen_on(const std::set<int>& cores) {
  std::string text;
  for (const int core : cores) {
    text += text.empty() ? (cores.size() > 1 ? "seen on cores " : "seen on core ") : "";
    text += std::to_string(core) + ", ";
  }
  return text;
}

std::string text_of(const Activity& activity) {
  const double wall = activity.wall_seconds > 0 ? activity.wall_seconds : 1;
  std::string text = seen_on(activity.cores_seen) + "CPU time " +
                     decimal(100 * activity.cpu_seconds / wall, 0) + "% of wall time, " +
                     decimal(static_cast<double>(activity.involuntary_switches) / wall, 0) +
                     " involuntary switches/s";
  if (activity.others_cores && activity.machine_cores) {
    text += ", others used " + decimal(*activity.others_cores, 1) + " of " +
            counted(static_cast<std::size_t>(*activity.machine_cores), "core");
  }
  if (activity.core_share) {
    text += ", share of the core " + decimal(100 * *activity.core_share, 0) + "%";
  }
  if (activity.steal_share) text += ", steal " + decimal(100 * *activity.steal_share, 1) + "%";
  if (activity.load_average) text += ", load " + decimal(*activity.load_average, 1);
  return text;
}

std::string limits_of(const Machine& machine) {
  std::string text;
  if (machine.cpu_quota) text += significant(*machine.cpu_quota, 2) + " cores on average";
  if (machine.memory_limit_bytes) {
    text += (text.empty() ? "" : ", ") +
            size(static_cast<std::uint64_t>(*machine.memory_limit_bytes)) + " of memory";
  }
  return text.empty() ? "" : "limits   control group: " + text + "\n";
}

std::string times_of(const Report& report) {
  const Measurement& measurement = report.measurement;
  const Summary summary = summarise(measurement.run_ms);
  const double share = summary.median > 0 ? summary.iqr / summary.median : 0;
  std::string text = "run ms   min " + decimal(summary.min, 3) + ", mean " +
                     decimal(summary.mean, 3) + ", median " + decimal(summary.median, 3) +
                     ", p90 " + decimal(summary.p90, 3) + ", p99 " + decimal(summary.p99, 3) +
                     " (" + counted(measurement.run_ms.size(), "run") + " in " +
                     decimal(measurement.activity.wall_seconds, 2) + " s)\n";
  text += "spread   half of all within " + decimal(summary.iqr, 3) + " ms (" +
          decimal(100 * share, 1) + "% of the median), longest " + decimal(summary.max, 3) +
          " ms; warmed up by " + counted(static_cast<std::size_t>(measurement.warmup), "call") +
          "\n";
  return text + "images/s " + decimal(report.images_per_second(), 1) + "\n";
}

// The profile as a table of names, kernels, milliseconds and shares.
std::string profile_of(const Report& report) {
  const std::vector<ProfiledStep>& steps = report.measurement.steps;
  if (steps.empty()) return "";
  const double total = profile_sum(report.measurement);
  std::size_t name_width = 4;
  std::size_t kernel_width = 6;
  for (const ProfiledStep& step : steps) {
    name_width = std::max(name_width, length(plain(step.layers.front())));
    kernel_width = std::max(kernel_width, step.kernel.size());
  }
  const auto row = [&](const std::string& name, const std::string& kernel, const std::string& ms,
                       const std::string& share) {
    std::string line = name + std::string(name_width - length(name) + 2, ' ') + kernel;
    line += std::string(kernel_width - kernel.size() + 2, ' ');
    line += std::string(9 - std::min<std::size_t>(9, ms.size()), ' ') + ms;
    return line + std::string(8 - std::min<std::size_t>(8, share.size()), ' ') + share + "\n";
  };
  std::string text = row("step", "kernel", "ms", "share");
  for (const ProfiledStep& step : steps) {
    text += row(plain(step.layers.front()), step.kernel, decimal(step.ms, 4),
                decimal(100 * step.ms / total, 1) + "%");
  }
  text += row("all", "", decimal(total, 4), "100.0%");
  return text + "profile  " + profile_note(report) + "\n";
}

std::string verdict_of(const Report& report) {
  if (report.valid()) {
    return "VALID    nothing disturbed the measurement beyond the limits of docs/bench.md\n";
  }
  std::string text;
  for (const Reason& reason : report.reasons) {
    text += (text.empty() ? "INVALID  " : "         ") + plain(reason.text) + "\n";
  }
  return text;
}

std::string text_of(const Report& report) {
  const Arguments& arguments = report.arguments;
  const Measurement& measurement = report.measurement;
  std::string text = plain(arguments.model) + ": " + measurement.isa + ", " +
                     counted(static_cast<std::size_t>(arguments.threads), "thread") +
                     (arguments.pin ? ", pinned" : "") + ", batch " +
                     std::to_string(arguments.batch) + "\n";
  text += times_of(report);
  text += "load ms  " + decimal(measurement.load_ms, 3) + ", first run " +
          decimal(measurement.first_ms, 3) + "\n";
  text += "memory   peak " + size_or_unknown(measurement.peak_memory_bytes) +
          ", before the model " + size_or_unknown(measurement.start_memory_bytes) + ", arena " +
          size(measurement.arena_bytes) + "\n";
  text += "cpu      " + text_of(measurement.activity) + "\n";
  text += limits_of(report.after);
  text += "file     " + size(measurement.file_bytes) + ", sha256 " +
          sha256_of_file(arguments.model).value_or("unknown").substr(0, 16) + "\n";
  text += "machine  " + text_of(report.after, measurement.activity) + "\n";
  text += "edgebin  " + version() + ", " + report.date + "\n";
  return text + profile_of(report) + verdict_of(report);
}

// What the Python package says before it measures.
std::string beginning_of(const Arguments& arguments) {
  const std::string length = arguments.runs > 0
                                 ? counted(static_cast<std::size_t>(arguments.runs), "run")
                                 : significant(arguments.seconds, 6) + " s";
  return "measuring: " + arguments.model + ", " +
         counted(static_cast<std::size_t>(arguments.threads), "thread") + ", " + length +
         " after warming up";
}

}  // namespace

int bench(const Arguments& arguments) {
  Machine before = read_machine();
  Measurement measurement = measure(arguments, [&] { note(beginning_of(arguments)); });
  Machine after = read_machine();
  std::vector<Reason> reasons = judge(arguments.threads, measurement, before, after);
  const Report report{arguments,        std::move(before),  std::move(measurement),
                      std::move(after), std::move(reasons), now()};
  print(arguments.json ? document(report) : text_of(report));
  return kSuccess;
}

}  // namespace edgebin::cli
