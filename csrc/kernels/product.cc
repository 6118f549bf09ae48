#include "kernels/product.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <optional>
#include <vector>

#include "base/bits.h"
#include "base/error.h"
#include "kernels/cpu.h"

namespace edgebin::kernels {
namespace {

// What the trial computes: one window row of three taps, 64 channels in and out, for as many pixels
// as a task of lookups takes. All codes and weights are zero; the work does not depend on them.
constexpr int kTaps = 3;
constexpr int kChannels = 64;
constexpr int kRounds = 15;

// The least nanoseconds of some rounds.
template <class Work>
double least_time(const Work& work) {
  using Clock = std::chrono::steady_clock;
  Clock::duration least = Clock::duration::max();
  for (int round = 0; round < kRounds; ++round) {
    const Clock::time_point start = Clock::now();
    work();
    least = std::min(least, Clock::now() - start);
  }
  return std::chrono::duration<double, std::nano>(least).count();
}

double time_of_lookups(const Lookup& lookup) {
  constexpr std::size_t kLine = 64;
  const int vectors = lookup.most_vectors;
  const int slots = vectors + kTaps - 1;
  const int groups = ceil_div(kWordBits, lookup.group);
  const std::ptrdiff_t stride = std::ptrdiff_t{slots} * lookup.lanes / lookup.shared
                                << lookup.group;
  const std::vector<Word> codes(std::size_t{2} * slots * lookup.lanes);
  const std::vector<std::uint8_t> weights(std::size_t{1} * groups * kTaps * kChannels);
  std::vector<std::uint8_t> room(groups * stride + kLine);
  void* start = room.data();
  std::size_t space = room.size();
  auto* const tables = static_cast<std::uint8_t*>(std::align(kLine, groups * stride, start, space));
  std::vector<std::int32_t> totals(std::size_t{1} * slots * lookup.lanes + kTotalSlack);
  std::vector<std::int16_t> sums(std::size_t{1} * vectors * lookup.lanes * kChannels);
  const LookupRun run = {0, 0, kTaps};
  const double time = least_time([&] {
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

double time_of_counts(const Kernels& kernels) {
  constexpr int kPixels = 16;
  const std::vector<Word> patches(std::size_t{2} * kPixels * kTaps);
  const std::vector<Word> weights(std::size_t{kChannels} * kTaps);
  std::vector<std::int32_t> sums(std::size_t{kPixels} * kChannels);
  const double time = least_time([&] {
    kernels.bit_serial(patches.data(), weights.data(), sums.data(), kPixels, kChannels, kTaps);
  });
  return time / kPixels;
}

// Cores on which lookups are the faster ones, by the model of benchmarks/arm_model.py: a lookup of
// 16 bytes (TBL) takes one micro-operation on A76 and what came after it, three on A57 and A72,
// which is still less than the counts of bits that it replaces, and A53 issues either one by one.
constexpr std::string_view kLookingUp[] = {
    "cortex-a53",  "cortex-a57", "cortex-a72", "cortex-a76",   "cortex-a76ae",
    "neoverse-n1", "cortex-a77", "cortex-a78", "cortex-a78ae",
};

Product product_of_core(const Kernels& kernels) {
  if (kernels.lookup_count == 0) return Product::kBitSerial;
  static const std::optional<Product> known = known_product(detect_cpu());
  if (known) return *known;
  static const Product tried = try_products(kernels);
  return tried;
}

}  // namespace

std::string_view name_of(Product product) {
  return product == Product::kLookup ? "lookup" : "bit_serial";
}

std::optional<Product> known_product(const Cpu& cpu) {
  if (!cpu.neon || std::ranges::find(kLookingUp, cpu.name) != std::end(kLookingUp)) {
    return Product::kLookup;
  }
  return std::nullopt;
}

Product try_products(const Kernels& kernels) {
  return time_of_lookups(kernels.lookups[0]) <= time_of_counts(kernels) ? Product::kLookup
                                                                        : Product::kBitSerial;
}

Product choose_product(const Kernels& kernels, std::string_view requested) {
  std::string_view source = "product";
  if (requested.empty()) {
    const char* const wish = std::getenv("EDGEBIN_PRODUCT");
    if (wish == nullptr || *wish == '\0') return product_of_core(kernels);
    requested = wish;
    source = "EDGEBIN_PRODUCT";
  }
  if (requested == name_of(Product::kBitSerial)) return Product::kBitSerial;
  const bool has_lookups = kernels.lookup_count > 0;
  if (has_lookups && requested == name_of(Product::kLookup)) return Product::kLookup;
  throw Error(ErrorKind::kOption,
              message(source, ": expected ", has_lookups ? "lookup or bit_serial" : "bit_serial",
                      " with ", kernels.isa, ", found ", quoted(requested)));
}

}  // namespace edgebin::kernels
