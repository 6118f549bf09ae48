#include "cli/measure/measurement.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <new>
#include <numeric>
#include <set>
#include <utility>

#include "cli/measure/limits.h"
#include "cli/measure/machine.h"
#include "edgebin/model.h"

namespace edgebin::cli {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Pseudo-random elements of an input; the time of a run does not depend on them.
std::vector<std::byte> elements_for(const ValueInfo& input, std::size_t images) {
  if (images > std::vector<std::byte>().max_size() / input.bytes()) throw std::bad_alloc();
  std::vector<std::byte> elements(images * input.bytes());
  const std::size_t size = input.bytes() / input.elements();
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < elements.size(); i += size) {
    state = state * 1664525 + 1013904223;
    const auto pixel = static_cast<std::uint8_t>(state >> 24);
    const float value = static_cast<float>(pixel - 128) / 64.0f;
    elements[i] = std::byte{pixel};
    if (size == sizeof value) std::memcpy(&elements[i], &value, sizeof value);
  }
  return elements;
}

// The inputs of a call, and of its first image.
struct CallInputs {
  CallInputs(const ModelInfo& model, std::size_t images) {
    for (const ValueInfo& input : model.inputs) {
      elements.push_back(elements_for(input, images));
      all.emplace_back(elements.back());
      first.push_back(all.back().first(input.bytes()));
    }
  }

  std::vector<std::vector<std::byte>> elements;
  std::vector<std::span<const std::byte>> all;
  std::vector<std::span<const std::byte>> first;
};

// Times calls until there are enough, and samples memory between them.
void time_calls(const Arguments& arguments, const std::function<double()>& timed,
                Measurement& measurement) {
  const double sample_every = std::max(0.1, arguments.seconds / 20);
  double due = 0;
  std::vector<double>& times = measurement.run_ms;
  std::set<int> cores;
  std::vector<double> shares;
  const Moment before = moment_before();
  const auto start = Clock::now();
  const auto is_enough = [&] {
    if (arguments.runs > 0) return times.size() >= static_cast<std::size_t>(arguments.runs);
    return times.size() >= kMinCalls && milliseconds_since(start) >= 1e3 * arguments.seconds;
  };
  while (!is_enough()) {
    times.push_back(timed());
    const double seconds = milliseconds_since(start) / 1e3;
    if (seconds < due) continue;
    const auto bytes = resident_memory();
    if (bytes) measurement.memory.push_back({seconds, *bytes});
    cores.merge(cores_in_use());
    if (arguments.threads == 1) {  // else this model's own threads may be what shares the core
      if (const auto share = core_share()) shares.push_back(*share);
    }
    due = seconds + sample_every;
  }
  measurement.activity = activity_between(before, moment_after());
  measurement.activity.cores_seen = std::move(cores);
  if (!shares.empty()) measurement.activity.core_share = summarise(shares).median;
}

double percentile(std::span<const double> sorted, double fraction) {
  const double at = fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - static_cast<double>(below));
}

}  // namespace

Measurement measure(const Arguments& arguments, const std::function<void()>& loaded) {
  Measurement measurement;
  measurement.start_memory_bytes = peak_memory();
  const auto start = Clock::now();
  const Model model(arguments.model, {arguments.isa, arguments.threads, arguments.pin});
  if (arguments.pin) pin_caller();
  measurement.load_ms = milliseconds_since(start);
  loaded();
  const CallInputs inputs(model.info(), static_cast<std::size_t>(arguments.batch));
  const auto timed = [&] {
    const auto before = Clock::now();
    model.run(inputs.all);
    return milliseconds_since(before);
  };
  measurement.first_ms = timed();
  if (arguments.warmup < 0) {
    const WarmUp warmed = warm_up(timed);
    measurement.warmup = warmed.calls;
    measurement.stable = warmed.stable;
  } else {
    for (int i = 0; i < arguments.warmup; ++i) timed();
    measurement.warmup = arguments.warmup;
  }
  time_calls(arguments, timed, measurement);
  measurement.peak_memory_bytes = peak_memory();
  if (arguments.profile) {
    const auto batch = static_cast<std::size_t>(arguments.batch);
    measurement.steps = profile(model, inputs.first, measurement.run_ms.size() * batch);
  }
  measurement.isa = model.info().isa;
  measurement.name = model.info().name;
  measurement.arena_bytes = model.info().arena_bytes;
  measurement.file_bytes = model.info().file_bytes;
  return measurement;
}

WarmUp warm_up(const std::function<double()>& call) {
  int calls = 0;
  double seconds = 0;
  std::optional<double> previous;
  while (true) {
    std::vector<double> window;
    double took = 0;
    while (window.size() < kWarmupWindowCalls || took < kWarmupWindowSeconds) {
      window.push_back(call());
      took += window.back() / 1e3;
    }
    calls += static_cast<int>(window.size());
    seconds += took;
    std::ranges::sort(window);
    const double median = window[window.size() / 2];
    if (previous) {
      const bool agree =
          std::abs(*previous - median) <= kWarmupTolerance * std::min(*previous, median);
      if (seconds >= kWarmupMinSeconds && agree) return {calls, true};
      if (seconds >= kWarmupMaxSeconds) return {calls, false};
    }
    previous = median;
  }
}

Summary summarise(std::span<const double> times) {
  std::vector<double> sorted(times.begin(), times.end());
  std::ranges::sort(sorted);
  const double sum = std::accumulate(times.begin(), times.end(), 0.0);
  return {.min = sorted.front(),
          .mean = sum / static_cast<double>(times.size()),
          .median = percentile(sorted, 0.5),
          .p90 = percentile(sorted, 0.9),
          .p99 = percentile(sorted, 0.99),
          .max = sorted.back(),
          .iqr = percentile(sorted, 0.75) - percentile(sorted, 0.25)};
}

}  // namespace edgebin::cli
