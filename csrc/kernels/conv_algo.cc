#include "kernels/conv_algo.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bits.h"
#include "base/error.h"
#include "kernels/cpu.h"

namespace edgebin::kernels {
namespace {

// The trial computes one window row of three taps, 64 channels in and out, for as many pixels as a
// lookup task takes. All codes and weights are zero; the time does not depend on them.
constexpr int kTaps = 3;
constexpr int kChannels = 64;
constexpr int kRounds = 15;

// The shortest time of kRounds rounds, in nanoseconds.
template <class Work>
double shortest_time(const Work& work) {
  using Clock = std::chrono::steady_clock;
  Clock::duration least = Clock::duration::max();
  for (int round = 0; round < kRounds; ++round) {
    const Clock::time_point start = Clock::now();
    work();
    least = std::min(least, Clock::now() - start);
  }
  return std::chrono::duration<double, std::nano>(least).count();
}

double time_of_lookup(const Lookup& lookup) {
  constexpr std::size_t kLine = 64;
  const int vectors = lookup.max_vectors;
  const int slots = vectors + kTaps - 1;
  const int groups = ceil_div(kWordBits, lookup.group);
  const std::ptrdiff_t stride = std::ptrdiff_t{slots} * lookup.lanes / lookup.shared
                                << lookup.group;
  const std::vector<Word> codes(std::size_t{2} * slots * lookup.lanes);
  const std::vector<std::uint8_t> weights(std::size_t{1} * groups * kTaps * kChannels);
  std::vector<std::uint8_t> storage(groups * stride + kLine);
  void* start = storage.data();
  std::size_t space = storage.size();
  auto* const tables = static_cast<std::uint8_t*>(std::align(kLine, groups * stride, start, space));
  std::vector<std::int32_t> totals(std::size_t{1} * slots * lookup.lanes + kTotalSlack);
  std::vector<std::int16_t> sums(std::size_t{1} * vectors * lookup.lanes * kChannels);
  const LookupRun run = {0, 0, kTaps};
  const double time = shortest_time([&] {
    lookup.build({.codes = codes.data(),
                  .step = 2,
                  .lane_step = std::ptrdiff_t{2} * slots,
                  .plane = 1,
                  .slots = slots,
                  .groups = groups,
                  .tables = tables,
                  .group_stride = stride,
                  .totals = totals.data()});
    lookup.multiply({.tables = tables,
                     .group_stride = stride,
                     .groups = groups,
                     .runs = &run,
                     .run_count = 1,
                     .vectors = vectors,
                     .channels = kChannels,
                     .weights = weights.data(),
                     .totals = totals.data(),
                     .sums = sums.data()});
  });
  return time / (vectors * lookup.lanes);
}

double time_of_bit_serial(const Kernels& kernels) {
  constexpr int kPixels = 16;
  const std::vector<Word> rows(std::size_t{2} * kPixels * kTaps);
  const std::vector<Word> weights(std::size_t{kChannels} * kTaps);
  std::vector<std::int32_t> sums(std::size_t{kPixels} * kChannels);
  const double time = shortest_time([&] {
    kernels.bit_serial(rows.data(), weights.data(), sums.data(), kPixels, kChannels, kTaps);
  });
  return time / kPixels;
}

// Cores on which lookups are faster, by the model of benchmarks/arm_model.py: a lookup of 16 bytes
// (TBL) takes one micro-operation on A76 and its successors, three on A57 and A72, which is still
// less than the bit counts that it replaces, and A53 issues either one by one.
constexpr std::string_view kLookupCores[] = {
    "cortex-a53",  "cortex-a57", "cortex-a72", "cortex-a76",   "cortex-a76ae",
    "neoverse-n1", "cortex-a77", "cortex-a78", "cortex-a78ae",
};

ConvAlgo algo_of_core(const Kernels& kernels) {
  if (kernels.matrix_tiles.name != nullptr) return ConvAlgo::kMatrixTiles;
  if (kernels.lookup_count == 0) return ConvAlgo::kBitSerial;
  static const std::optional<ConvAlgo> known = known_conv_algo(detect_cpu());
  if (known) return *known;
  static const ConvAlgo measured = measured_conv_algo(kernels);
  return measured;
}

struct Request {
  std::string_view source;  // names it in errors
  std::string_view algo;    // "": none
};

Request environment() {
  for (const char* const variable : {kConvAlgoVariable, kOldConvAlgoVariable}) {
    const char* const value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return {variable, value};
  }
  return {};
}

}  // namespace

std::string_view name_of(ConvAlgo algo) {
  switch (algo) {
    case ConvAlgo::kMatrixTiles:
      return "matrix_tiles";
    case ConvAlgo::kLookup:
      return "lookup";
    case ConvAlgo::kBitSerial:
      break;
  }
  return "bit_serial";
}

std::vector<ConvAlgo> conv_algos(const Kernels& kernels) {
  std::vector<ConvAlgo> algos;
  if (kernels.matrix_tiles.name != nullptr) algos.push_back(ConvAlgo::kMatrixTiles);
  if (kernels.lookup_count > 0) algos.push_back(ConvAlgo::kLookup);
  algos.push_back(ConvAlgo::kBitSerial);
  return algos;
}

std::optional<ConvAlgo> known_conv_algo(const Cpu& cpu) {
  if (!cpu.neon || std::ranges::find(kLookupCores, cpu.name) != std::end(kLookupCores)) {
    return ConvAlgo::kLookup;
  }
  return std::nullopt;
}

ConvAlgo measured_conv_algo(const Kernels& kernels) {
  return time_of_lookup(kernels.lookups[0]) <= time_of_bit_serial(kernels) ? ConvAlgo::kLookup
                                                                           : ConvAlgo::kBitSerial;
}

bool reads_old_variable() { return environment().source == kOldConvAlgoVariable; }

ConvAlgo choose_conv_algo(const Kernels& kernels, std::string_view requested) {
  const Request request = requested.empty() ? environment() : Request{"conv_algo", requested};
  if (request.algo.empty()) return algo_of_core(kernels);
  std::string expected;
  for (const ConvAlgo algo : conv_algos(kernels)) {
    if (request.algo == name_of(algo)) return algo;
    if (!expected.empty()) expected += algo == ConvAlgo::kBitSerial ? " or " : ", ";
    expected += name_of(algo);
  }
  throw Error(ErrorKind::kOption, message(request.source, ": expected ", expected, " with ",
                                          kernels.isa, ", found ", quoted(request.algo)));
}

}  // namespace edgebin::kernels
