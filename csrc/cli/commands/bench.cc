#include <array>
#include <ctime>
#include <string>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/io/json.h"
#include "cli/io/text.h"
#include "cli/measure/machine.h"
#include "cli/measure/measurement.h"
#include "edgebin/model.h"

namespace edgebin::cli {
namespace {

// A measurement and all that it needs to be repeated.
struct Report {
  const Arguments& arguments;
  Machine before;
  Measurement seen;
  Machine after;
  std::string date;

  // False where the machine said that heat or weak supply slowed it.
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

std::array<std::pair<std::string_view, double>, 5> figures(const Summary& summary) {
  return {{{"min", summary.min},
           {"mean", summary.mean},
           {"median", summary.median},
           {"p90", summary.p90},
           {"p99", summary.p99}}};
}

// Writes key and value, null where there is none.
void write(Json& json, std::string_view key, const std::optional<std::string>& value) {
  json.key(key);
  value ? json.text(*value) : json.null();
}

void write(Json& json, std::string_view key, const std::optional<double>& value) {
  json.key(key);
  value ? json.number(*value) : json.null();
}

void write(Json& json, std::string_view key, const std::optional<std::uint64_t>& value) {
  json.key(key);
  value ? json.integer(static_cast<std::int64_t>(*value)) : json.null();
}

void write(Json& json, std::string_view key, bool value) {
  json.key(key);
  json.boolean(value);
}

void write(Json& json, std::string_view key, int value) {
  json.key(key);
  json.integer(value);
}

void write(Json& json, std::string_view key, const Machine& machine) {
  json.key(key);
  json.begin_object();
  write(json, "cpu", machine.cpu);
  write(json, "architecture", std::optional(machine.architecture));
  write(json, "cores", machine.cores);
  write(json, "governor", machine.governor);
  write(json, "clock_mhz", machine.clock_mhz);
  write(json, "temperature_c", machine.temperature_c);
  json.key("throttled");
  machine.throttled ? json.boolean(*machine.throttled) : json.null();
  json.end_object();
}

void write_measurement(Json& json, const Measurement& seen) {
  json.key("latency_ms");
  json.begin_object();
  for (const auto& [name, value] : figures(summarise(seen.run_ms))) {
    write(json, name, std::optional(value));
  }
  json.end_object();
  write(json, "isa", std::optional(seen.isa));
  write(json, "load_ms", std::optional(seen.load_ms));
  write(json, "first_ms", std::optional(seen.first_ms));
  json.key("run_ms");
  json.begin_array();
  for (const double time : seen.run_ms) json.number(time);
  json.end_array();
  write(json, "arena_bytes", std::optional(seen.arena_bytes));
  write(json, "file_bytes", std::optional(seen.file_bytes));
  write(json, "import_memory_bytes", seen.start_memory_bytes);
  write(json, "peak_memory_bytes", seen.peak_memory_bytes);
  json.key("stages");
  json.begin_array();
  json.end_array();
}

std::string document(const Report& report) {
  const Arguments& arguments = report.arguments;
  Json json;
  json.begin_object();
  write(json, "model", std::optional(arguments.model));
  write(json, "threads", arguments.threads);
  write(json, "batch", arguments.batch);
  write(json, "warmup", arguments.warmup);
  write(json, "before", report.before);
  write(json, "after", report.after);
  write(json, "date", std::optional(report.date));
  write(json, "edgebin", std::optional(version()));
  write(json, "pin", arguments.pin);
  write(json, "valid", report.valid());
  write_measurement(json, report.seen);
  json.end_object();
  return json.document() + "\n";
}

std::string memory(const std::optional<std::uint64_t>& bytes) {
  return bytes ? size(*bytes) : "unknown";
}

std::string machine_of(const Machine& machine) {
  std::string text = plain(machine.cpu.value_or("unknown")) + ", " + machine.architecture + ", " +
                     std::to_string(machine.cores) + " cores, governor " +
                     plain(machine.governor.value_or("unknown"));
  if (machine.clock_mhz) text += ", " + decimal(*machine.clock_mhz, 0) + " MHz";
  if (machine.temperature_c) text += ", " + decimal(*machine.temperature_c, 0) + " °C";
  return text;
}

std::string text_of(const Report& report) {
  const Arguments& arguments = report.arguments;
  const Measurement& seen = report.seen;
  std::string text =
      plain(arguments.model) + ": " + seen.isa + ", " + std::to_string(arguments.threads) +
      (arguments.threads > 1 ? " threads" : " thread") + (arguments.pin ? ", pinned" : "") +
      ", batch " + std::to_string(arguments.batch) + "\nrun ms ";
  for (const auto& [name, value] : figures(summarise(seen.run_ms))) {
    text += (name == "min" ? "  " : ", ") + std::string(name) + " " + decimal(value, 3);
  }
  text += " (" + std::to_string(seen.run_ms.size()) + " runs)\n";
  text +=
      "load ms  " + decimal(seen.load_ms, 3) + ", first run " + decimal(seen.first_ms, 3) + "\n";
  text += "memory   peak " + memory(seen.peak_memory_bytes) + ", before the model " +
          memory(seen.start_memory_bytes) + ", arena " + size(seen.arena_bytes) + "\n";
  text += "file     " + size(seen.file_bytes) + "\n";
  text += "machine  " + machine_of(report.after) + "\n";
  text += "edgebin  " + version() + ", " + report.date + "\n";
  if (!report.valid()) text += "INVALID  heat or weak supply slowed the machine down\n";
  return text;
}

}  // namespace

int bench(const Arguments& arguments) {
  Machine before = look();
  Measurement seen = measure(arguments);
  const Report report{arguments, std::move(before), std::move(seen), look(), now()};
  print(arguments.json ? document(report) : text_of(report));
  return kGood;
}

}  // namespace edgebin::cli
