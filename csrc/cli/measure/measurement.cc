#include "cli/measure/measurement.h"

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

// Pseudo-random pixels; the time of a run does not depend on them.
std::vector<std::uint8_t> pixels_for(const Model& model, int batch) {
  const std::size_t each = model.info().input.elements();
  const auto images = static_cast<std::size_t>(batch);
  if (images > std::vector<std::uint8_t>().max_size() / each) throw std::bad_alloc();
  std::vector<std::uint8_t> pixels(images * each);
  std::uint32_t state = 1;
  for (std::uint8_t& pixel : pixels) {
    state = state * 1664525 + 1013904223;
    pixel = static_cast<std::uint8_t>(state >> 24);
  }
  return pixels;
}

double percentile(std::span<const double> sorted, double fraction) {
  const double at = fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - static_cast<double>(below));
}

}  // namespace

Measurement measure(const Arguments& arguments) {
  Measurement measurement;
  measurement.start_memory_bytes = peak_memory();
  const auto start = Clock::now();
  const Model model(arguments.model, {arguments.isa, arguments.threads, arguments.pin});
  if (arguments.pin) pin_caller();
  measurement.load_ms = milliseconds_since(start);
  const std::vector<std::uint8_t> pixels = pixels_for(model, arguments.batch);
  const auto timed = [&] {
    const auto before = Clock::now();
    model.run(pixels);
    return milliseconds_since(before);
  };
  measurement.first_ms = timed();
  for (int i = 0; i < arguments.warmup; ++i) timed();
  for (int i = 0; i < arguments.runs; ++i) measurement.run_ms.push_back(timed());
  measurement.peak_memory_bytes = peak_memory();
  measurement.isa = model.info().isa;
  measurement.arena_bytes = model.info().arena_bytes;
  measurement.file_bytes = model.info().file_bytes;
  return measurement;
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
