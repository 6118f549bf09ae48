#include "kernels/dispatch.h"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/closest.h"
#include "base/error.h"
#include "kernels/cpu.h"
#include "kernels/isa_list.h"
#ifdef EDGEBIN_PLANTED_FAULT
#include "kernels/planted_fault.h"
#endif

namespace edgebin::kernels {

// All that an instruction-set folder exposes: fills in every field but the name. It may hold
// instructions of its set, so it is called only once the machine is known to run them.
#define EDGEBIN_DECLARE(isa)      \
  namespace isa {                 \
  void install(Kernels& kernels); \
  }
EDGEBIN_ISAS(EDGEBIN_DECLARE)

namespace {

struct Candidate {
  const char* isa;
  bool Cpu::* runs;
  void (*install)(Kernels& kernels);
};

#define EDGEBIN_CANDIDATE(isa) {#isa, &Cpu::isa, isa::install},
constexpr Candidate kCandidates[] = {EDGEBIN_ISAS(EDGEBIN_CANDIDATE)};

struct Runnable {
  std::array<Kernels, std::size(kCandidates)> kernels{};
  std::size_t count = 0;
};

Runnable detect() {
  Runnable found;
  const Cpu cpu = detect_cpu();
  for (const Candidate& candidate : kCandidates) {
    if (!(cpu.*candidate.runs)) continue;
    Kernels& kernels = found.kernels[found.count++];
    candidate.install(kernels);
    kernels.isa = candidate.isa;
  }
#ifdef EDGEBIN_PLANTED_FAULT
  for (std::size_t i = 0; i < found.count; ++i) plant_fault(found.kernels[i]);
#endif
  return found;
}

// What the processor runs, AMX first: whether or not the system permits it.
std::span<const Kernels> runnable() {
  static const Runnable found = detect();
  return {found.kernels.data(), found.count};
}

bool needs_permission(const Kernels& kernels) { return kernels.matrix_tiles.name != nullptr; }

std::string names(std::span<const Kernels> all) {
  std::string joined;
  for (const Kernels& kernels : all) {
    if (!joined.empty()) joined += ", ";
    joined += kernels.isa;
  }
  return joined;
}

// Returns "; did you mean ...?" for the end of a message; "" for a set that another machine has.
std::string suggestion(std::string_view requested) {
  std::vector<std::string_view> known;
  for (const Candidate& candidate : kCandidates)
    if (requested == candidate.isa) return {};
  for (const Kernels& kernels : available()) known.emplace_back(kernels.isa);
  const std::string_view meant = closest(requested, known);
  return meant.empty() ? std::string() : message("; did you mean ", meant, "?");
}

}  // namespace

std::span<const Kernels> available() {
  static const std::span<const Kernels> found = [] {
    const std::span<const Kernels> all = runnable();
    return needs_permission(all.front()) && !request_amx() ? all.subspan(1) : all;
  }();
  return found;
}

const Kernels& choose(std::string_view requested) {
  std::string_view source = "isa";
  if (requested.empty()) {
    const char* const wish = std::getenv("EDGEBIN_ISA");
    if (wish == nullptr || *wish == '\0') return available().front();
    requested = wish;
    source = "EDGEBIN_ISA";
  }
  for (const Kernels& kernels : runnable()) {
    if (requested == kernels.isa && !needs_permission(kernels)) return kernels;
  }
  for (const Kernels& kernels : available()) {
    if (requested == kernels.isa) return kernels;
  }
  throw Error(ErrorKind::kOption,
              message(source, ": expected one of ", names(available()), " on this machine, found ",
                      quoted(requested), suggestion(requested)));
}

}  // namespace edgebin::kernels
