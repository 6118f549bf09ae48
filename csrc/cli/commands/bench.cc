// `edgebin-run bench`: measures latency and memory, between two looks at the machine's state.
#include <array>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/io/json.h"
#include "cli/io/text.h"
#include "cli/measure/machine.h"
#include "cli/measure/measurement.h"
#include "edgebin/model.h"

namespace edgebin::cli {
namespace {

// A measurement with everything needed to repeat it.
struct Report {
  const Arguments& arguments;
  Machine before;
  Measurement measurement;
  Machine after;
  std::string date;

  // Whether the machine reported no slowdown by heat or weak supply.
  bool valid() const {
    return !before.throttled.value_or(false) && !after.throttled.value_or(false);
  }
};

std::string now() {
  const std::time_t time = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S+00:00", &parts);
  return text.data();
}

std::array<std::pair<std::string_view, double>, 5> named_times(const Summary& summary) {
  return {{{"min", summary.min},
           {"mean", summary.mean},
           {"median", summary.median},
           {"p90", summary.p90},
           {"p99", summary.p99}}};
}

void write(Json& json, std::string_view key, const Machine& machine) {
  json.key(key);
  json.begin_object();
  json.member("cpu", machine.cpu);
  json.member("architecture", machine.architecture);
  json.member("cores", machine.cores);
  json.member("governor", machine.governor);
  json.member("clock_mhz", machine.clock_mhz);
  json.member("temperature_c", machine.temperature_c);
  json.member("throttled", machine.throttled);
  json.end_object();
}

void write(Json& json, const Measurement& measurement) {
  json.key("latency_ms");
  json.begin_object();
  for (const auto& [name, ms] : named_times(summarise(measurement.run_ms))) json.member(name, ms);
  json.end_object();
  json.member("isa", measurement.isa);
  json.member("load_ms", measurement.load_ms);
  json.member("first_ms", measurement.first_ms);
  json.key("run_ms");
  json.begin_array();
  for (const double ms : measurement.run_ms) json.value(ms);
  json.end_array();
  json.member("arena_bytes", measurement.arena_bytes);
  json.member("file_bytes", measurement.file_bytes);
  json.member("import_memory_bytes", measurement.start_memory_bytes);
  json.member("peak_memory_bytes", measurement.peak_memory_bytes);
  for (const std::string_view key : {"steps", "stages"}) {  // the latter: its name in release 0.1
    json.key(key);
    json.begin_array();
    json.end_array();
  }
}

// With the keys of `edgebin bench --json`.
std::string document(const Report& report) {
  const Arguments& arguments = report.arguments;
  Json json;
  json.begin_object();
  json.member("model", arguments.model);
  json.member("threads", arguments.threads);
  json.member("batch", arguments.batch);
  json.member("warmup", arguments.warmup);
  write(json, "before", report.before);
  write(json, "after", report.after);
  json.member("date", report.date);
  json.member("edgebin", version());
  json.member("pin", arguments.pin);
  json.member("valid", report.valid());
  write(json, report.measurement);
  json.end_object();
  return json.document() + "\n";
}

std::string size_or_unknown(const std::optional<std::uint64_t>& bytes) {
  return bytes ? size(*bytes) : "unknown";
}

std::string text_of(const Machine& machine) {
  std::string text = plain(machine.cpu.value_or("unknown")) + ", " + machine.architecture + ", " +
                     counted(static_cast<std::size_t>(machine.cores), "core") + ", governor " +
                     plain(machine.governor.value_or("unknown"));
  if (machine.clock_mhz) text += ", " + decimal(*machine.clock_mhz, 0) + " MHz";
  if (machine.temperature_c) text += ", " + decimal(*machine.temperature_c, 0) + " °C";
  return text;
}

std::string text_of(const Report& report) {
  const Arguments& arguments = report.arguments;
  const Measurement& measurement = report.measurement;
  std::string text = plain(arguments.model) + ": " + measurement.isa + ", " +
                     counted(static_cast<std::size_t>(arguments.threads), "thread") +
                     (arguments.pin ? ", pinned" : "") + ", batch " +
                     std::to_string(arguments.batch) + "\nrun ms ";
  for (const auto& [name, ms] : named_times(summarise(measurement.run_ms))) {
    text += (name == "min" ? "  " : ", ") + std::string(name) + " " + decimal(ms, 3);
  }
  text += " (" + counted(measurement.run_ms.size(), "run") + ")\n";
  text += "load ms  " + decimal(measurement.load_ms, 3) + ", first run " +
          decimal(measurement.first_ms, 3) + "\n";
  text += "memory   peak " + size_or_unknown(measurement.peak_memory_bytes) +
          ", before the model " + size_or_unknown(measurement.start_memory_bytes) + ", arena " +
          size(measurement.arena_bytes) + "\n";
  text += "file     " + size(measurement.file_bytes) + "\n";
  text += "machine  " + text_of(report.after) + "\n";
  text += "edgebin  " + version() + ", " + report.date + "\n";
  if (!report.valid()) text += "INVALID  heat or weak supply slowed the machine down\n";
  return text;
}

}  // namespace

int bench(const Arguments& arguments) {
  Machine before = read_machine();
  Measurement measurement = measure(arguments);
  const Report report{arguments, std::move(before), std::move(measurement), read_machine(), now()};
  print(arguments.json ? document(report) : text_of(report));
  return kSuccess;
}

}  // namespace edgebin::cli
