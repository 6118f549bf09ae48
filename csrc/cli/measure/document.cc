#include "cli/measure/document.h"

#include <array>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>

#include "cli/io/json.h"
#include "cli/io/sha256.h"
#include "cli/io/text.h"
#include "edgebin/model.h"

namespace edgebin::cli {
namespace {

constexpr int kVersion = 1;
constexpr std::size_t kMostTimes = 10000;  // of a measurement whose number of calls was not given
constexpr double kAlike = 0.1;             // a share of the call

// An object or array that ends with its scope.
class Object {
 public:
  explicit Object(Json& json) : json_(json) { json_.begin_object(); }
  Object(Json& json, std::string_view key) : json_(json) {
    json_.key(key);
    json_.begin_object();
  }
  ~Object() { json_.end_object(); }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

 private:
  Json& json_;
};

template <class Items, class Write>
void write_array(Json& json, std::string_view key, const Items& items, const Write& write) {
  json.key(key);
  json.begin_array();
  for (const auto& item : items) write(item);
  json.end_array();
}

template <class Items>
void write_values(Json& json, std::string_view key, const Items& items) {
  write_array(json, key, items, [&](const auto& item) { json.value(item); });
}

void write(Json& json, std::string_view key, const Machine& machine) {
  const Object object(json, key);
  json.member("cpu", machine.cpu);
  json.member("architecture", machine.architecture);
  json.member("cores", machine.cores);
  json.member("governor", machine.governor);
  json.member("clock_mhz", machine.clock_mhz);
  json.member("temperature_c", machine.temperature_c);
  json.member("throttled", machine.throttled);
  json.member("load_average", machine.load_average);
  json.member("cpu_quota", machine.cpu_quota);
  json.member("memory_limit_bytes", machine.memory_limit_bytes);
}

void write_latency(Json& json, const Measurement& measurement) {
  const Summary summary = summarise(measurement.run_ms);
  const Object object(json, "latency_ms");
  json.member("min", summary.min);
  json.member("mean", summary.mean);
  json.member("median", summary.median);
  json.member("p90", summary.p90);
  json.member("p99", summary.p99);
  json.member("max", summary.max);
  json.member("iqr", summary.iqr);
}

void write_reasons(Json& json, const Report& report) {
  write_array(json, "reasons", report.reasons, [&](const Reason& reason) {
    const Object object(json);
    json.member("code", reason.code);
    json.member("text", reason.text);
    json.member("value", reason.value);
    json.member("limit", reason.limit);
  });
}

void write_steps(Json& json, std::string_view key, const Measurement& measurement) {
  write_array(json, key, measurement.steps, [&](const ProfiledStep& step) {
    const Object object(json);
    write_values(json, "layers", step.layers);
    write_values(json, "ops", step.ops);
    json.member("kernel", step.kernel);
    write_values(json, "shape", step.shape);
    json.member("macs", step.macs);
    json.member("ms", step.ms);
    const bool has_speed = step.macs > 0 && step.ms > 0;
    const double speed = has_speed ? static_cast<double>(step.macs) / step.ms / 1e6 : 0;
    json.member("gmacs_per_second", has_speed ? std::optional(speed) : std::nullopt);
  });
}

void write(Json& json, const Activity& activity) {
  const Object object(json, "activity");
  json.member("wall_seconds", activity.wall_seconds);
  json.member("cpu_seconds", activity.cpu_seconds);
  json.member("voluntary_switches", activity.voluntary_switches);
  json.member("involuntary_switches", activity.involuntary_switches);
  json.member("waited_seconds", activity.waited_seconds);
  json.member("machine_cores", activity.machine_cores);
  json.member("others_cores", activity.others_cores);
  json.member("steal_share", activity.steal_share);
  json.member("load_average", activity.load_average);
  json.member("cpu_quota", activity.cpu_quota);
  json.member("throttled_periods", activity.throttled_periods);
  json.member("throttled_seconds", activity.throttled_seconds);
  json.member("clock_mhz", activity.clock_mhz);
  json.member("core_share", activity.core_share);
  write_values(json, "cores_seen", activity.cores_seen);
}

// Every step-th time, so that a document of many short calls stays small.
std::size_t step_of(const Report& report) {
  const std::size_t calls = report.measurement.run_ms.size();
  return report.arguments.runs > 0 ? 1 : (calls + kMostTimes - 1) / kMostTimes;
}

void write_times(Json& json, const Report& report) {
  json.key("run_ms");
  json.begin_array();
  const std::vector<double>& times = report.measurement.run_ms;
  for (std::size_t i = 0; i < times.size(); i += step_of(report)) json.value(times[i]);
  json.end_array();
}

void write_round(Json& json, const Report& report) {
  const Measurement& measurement = report.measurement;
  const Object object(json);
  write_reasons(json, report);
  json.member("warmup", measurement.warmup);
  json.member("stable", measurement.stable);
  write_latency(json, measurement);
  json.member("calls", measurement.run_ms.size());
  json.member("run_ms_step", step_of(report));
  write_times(json, report);
  json.member("load_ms", measurement.load_ms);
  json.member("first_ms", measurement.first_ms);
  json.member("peak_memory_bytes", measurement.peak_memory_bytes);
  write_array(json, "memory", measurement.memory, [&](const MemorySample& sample) {
    const Object entry(json);
    json.member("seconds", sample.seconds);
    json.member("bytes", sample.bytes);
  });
  write(json, measurement.activity);
  write_values(json, "energy", std::vector<int>());  // this program reads none
  write_steps(json, "steps", measurement);
  write_steps(json, "stages", measurement);  // its name in release 0.1
  write(json, "before", report.before);
  write(json, "after", report.after);
}

void write_profile(Json& json, const Report& report) {
  if (report.measurement.steps.empty()) {
    json.key("profile");
    json.null();
    return;
  }
  const Object object(json, "profile");
  json.member("sum_ms", profile_sum(report.measurement));
  json.member("image_ms", summarise(report.measurement.run_ms).median / report.arguments.batch);
  json.member("note", profile_note(report));
}

void write_result(Json& json, const Report& report) {
  const Arguments& arguments = report.arguments;
  const Measurement& measurement = report.measurement;
  const Object object(json);
  json.member("model", arguments.model);
  json.member("name", measurement.name);
  json.member("sha256", sha256_of_file(arguments.model));
  json.member("file_bytes", measurement.file_bytes);
  json.member("mode", arguments.batch == 1 ? "latency" : "batch");
  json.member("isa", measurement.isa);
  json.member("threads", arguments.threads);
  json.member("batch", arguments.batch);
  json.member("streams", 1);
  json.member("pin", arguments.pin);
  {
    const Object verdict(json, "verdict");
    json.member("valid", report.valid());
    write_reasons(json, report);
  }
  write_latency(json, measurement);
  json.member("calls", measurement.run_ms.size());
  json.member("images_per_second", report.images_per_second());
  json.member("load_ms", measurement.load_ms);
  json.member("first_ms", measurement.first_ms);
  json.member("arena_bytes", measurement.arena_bytes);
  json.member("import_memory_bytes", measurement.start_memory_bytes);
  json.member("peak_memory_bytes", measurement.peak_memory_bytes);
  write_steps(json, "steps", measurement);
  write_steps(json, "stages", measurement);  // its name in release 0.1
  write_profile(json, report);
  json.key("rounds");
  json.begin_array();
  write_round(json, report);
  json.end_array();
}

// The keys of release 0.1, beside `results`.
void write_old_keys(Json& json, const Report& report) {
  const Arguments& arguments = report.arguments;
  const Measurement& measurement = report.measurement;
  json.member("model", arguments.model);
  json.member("threads", arguments.threads);
  json.member("batch", arguments.batch);
  json.member("pin", arguments.pin);
  json.member("isa", measurement.isa);
  json.member("load_ms", measurement.load_ms);
  json.member("first_ms", measurement.first_ms);
  write_latency(json, measurement);
  json.member("arena_bytes", measurement.arena_bytes);
  json.member("file_bytes", measurement.file_bytes);
  json.member("import_memory_bytes", measurement.start_memory_bytes);
  json.member("peak_memory_bytes", measurement.peak_memory_bytes);
  write_steps(json, "steps", measurement);
  write_steps(json, "stages", measurement);  // its name in release 0.1
  json.member("warmup", measurement.warmup);
  write(json, "before", report.before);
  write(json, "after", report.after);
  json.member("valid", report.valid());
  write_times(json, report);
}

std::string reason_of_difference(const Report& report, double total, double image) {
  const double rest = image - total;
  if (report.arguments.batch > 1) return "the profile runs one image at a time";
  if (std::abs(rest) <= kAlike * image) {
    return "they agree; the rest is the call itself and the reading of the clock at each step";
  }
  if (!report.valid()) {
    return "the measurement is INVALID: interruptions make whole calls longer, the median of a "
           "short step hardly";
  }
  if (rest > 0) {
    return "the other " + decimal(rest, 4) +
           " ms are the copies of input and outputs, and threads that begin and end";
  }
  return "steps are timed after the calls, and each of them reads the clock";
}

}  // namespace

double Report::images_per_second() const {
  const std::vector<double>& times = measurement.run_ms;
  const double sum = std::accumulate(times.begin(), times.end(), 0.0);
  return 1e3 * static_cast<double>(times.size()) * arguments.batch / sum;
}

double profile_sum(const Measurement& measurement) {
  double sum = 0;
  for (const ProfiledStep& step : measurement.steps) sum += step.ms;
  return sum;
}

std::string profile_note(const Report& report) {
  const int batch = report.arguments.batch;
  const double total = profile_sum(report.measurement);
  const double image = summarise(report.measurement.run_ms).median / batch;
  const std::string per =
      batch == 1 ? "a call takes" : "an image of a batch of " + std::to_string(batch) + " takes";
  return "the steps of an image sum to " + decimal(total, 4) + " ms, " + per + " " +
         decimal(image, 4) + " ms (medians): " + reason_of_difference(report, total, image);
}

std::string document(const Report& report) {
  Json json;
  {
    const Object object(json);
    json.member("schema", "edgebin.bench");
    json.member("version", kVersion);
    json.member("edgebin", version());
    {
      const Object build(json, "build");
      json.member("version", version());
      json.member("sha256", sha256_of_file("/proc/self/exe"));
    }
    json.member("date", report.date);
    json.key("results");
    json.begin_array();
    write_result(json, report);
    json.end_array();
    write_old_keys(json, report);
  }
  return json.document() + "\n";
}

}  // namespace edgebin::cli
