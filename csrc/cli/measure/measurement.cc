#include "cli/measure/measurement.h"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <numeric>

#include "cli/measure/machine.h"
#include "edgebin/model.h"

namespace edgebin::cli {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Keeps this thread on the first of its cores, which the model's threads leave to it.
void pin_to_first_core() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return;
  std::size_t first = 0;
  while (first < CPU_SETSIZE && !CPU_ISSET(first, &cores)) ++first;
  CPU_ZERO(&cores);
  CPU_SET(first, &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

// Pixels that look random; the time of a run does not depend on them.
std::vector<std::uint8_t> pixels_for(const Model& model, int batch) {
  const std::size_t each = model.info().input.elements();
  const auto pictures = static_cast<std::size_t>(batch);
  if (pictures > std::vector<std::uint8_t>().max_size() / each) throw std::bad_alloc();
  std::vector<std::uint8_t> pixels(pictures * each);
  std::uint32_t state = 1;
  for (std::uint8_t& pixel : pixels) {
    state = state * 1664525 + 1013904223;
    pixel = static_cast<std::uint8_t>(state >> 24);
  }
  return pixels;
}

double percentile(std::span<const double> sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - static_cast<double>(below));
}

}  // namespace

Measurement measure(const Arguments& arguments) {
  Measurement seen;
  seen.start_memory_bytes = peak_memory();
  const auto start = Clock::now();
  const Model model(arguments.model, {arguments.isa, arguments.threads, arguments.pin});
  if (arguments.pin) pin_to_first_core();
  seen.load_ms = milliseconds_since(start);
  const std::vector<std::uint8_t> pixels = pixels_for(model, arguments.batch);
  const auto timed = [&] {
    const auto before = Clock::now();
    model.run(pixels);
    return milliseconds_since(before);
  };
  seen.first_ms = timed();
  for (int i = 0; i < arguments.warmup; ++i) timed();
  for (int i = 0; i < arguments.runs; ++i) seen.run_ms.push_back(timed());
  seen.peak_memory_bytes = peak_memory();
  seen.isa = model.info().isa;
  seen.arena_bytes = model.info().arena_bytes;
  seen.file_bytes = model.info().file_bytes;
  return seen;
}

Summary summarise(std::span<const double> times) {
  std::vector<double> sorted(times.begin(), times.end());
  std::ranges::sort(sorted);
  const double sum = std::accumulate(times.begin(), times.end(), 0.0);
  return {.min = sorted.front(),
          .mean = sum / static_cast<double>(times.size()),
          .median = percentile(sorted, 0.5),
          .p90 = percentile(sorted, 0.9),
          .p99 = percentile(sorted, 0.99)};
}

}  // namespace edgebin::cli
