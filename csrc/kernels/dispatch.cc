#include "kernels/dispatch.h"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <string>

#include "base/error.h"
#include "kernels/cpu.h"
#ifdef EDGEBIN_PLANTED_FAULT
#include "kernels/planted_fault.h"
#endif

namespace edgebin::kernels {

// All that an instruction-set folder exposes: fills in every field. It may hold instructions of its
// set, so it is called only once the machine is known to run them.
namespace scalar {
void install(Kernels& kernels);
}
#ifdef EDGEBIN_HAVE_AVX512
namespace avx512 {
void install(Kernels& kernels);
}
#endif
#ifdef EDGEBIN_HAVE_AVX2
namespace avx2 {
void install(Kernels& kernels);
}
#endif
#ifdef EDGEBIN_HAVE_NEON_DOT
namespace neon_dot {
void install(Kernels& kernels);
}
#endif
#ifdef EDGEBIN_HAVE_NEON
namespace neon {
void install(Kernels& kernels);
}
#endif

namespace {

struct Candidate {
  bool (*runs_on)(const Cpu& cpu);
  void (*install)(Kernels& kernels);
};

// Best first. (cmake/isa.cmake defines EDGEBIN_HAVE_x for the folders of this build.)
constexpr Candidate kCandidates[] = {
#ifdef EDGEBIN_HAVE_AVX512
    {[](const Cpu& cpu) { return cpu.avx512; }, avx512::install},
#endif
#ifdef EDGEBIN_HAVE_AVX2
    {[](const Cpu& cpu) { return cpu.avx2; }, avx2::install},
#endif
#ifdef EDGEBIN_HAVE_NEON_DOT
    {[](const Cpu& cpu) { return cpu.neon_dot; }, neon_dot::install},
#endif
#ifdef EDGEBIN_HAVE_NEON
    {[](const Cpu& cpu) { return cpu.neon; }, neon::install},
#endif
    {[](const Cpu&) { return true; }, scalar::install},
};

struct Available {
  std::array<Kernels, std::size(kCandidates)> kernels{};
  std::size_t count = 0;
};

Available detect() {
  Available found;
  const Cpu cpu = detect_cpu();
  for (const Candidate& candidate : kCandidates) {
    if (candidate.runs_on(cpu)) candidate.install(found.kernels[found.count++]);
  }
#ifdef EDGEBIN_PLANTED_FAULT
  for (std::size_t i = 0; i < found.count; ++i) plant_fault(found.kernels[i]);
#endif
  return found;
}

std::string names(std::span<const Kernels> all) {
  std::string joined;
  for (const Kernels& kernels : all) {
    if (!joined.empty()) joined += ", ";
    joined += kernels.isa;
  }
  return joined;
}

}  // namespace

std::span<const Kernels> available() {
  static const Available found = detect();
  return {found.kernels.data(), found.count};
}

const Kernels& choose(std::string_view requested) {
  const std::span<const Kernels> all = available();
  std::string_view source = "isa";
  if (requested.empty()) {
    const char* const wish = std::getenv("EDGEBIN_ISA");
    if (wish == nullptr || *wish == '\0') return all.front();
    requested = wish;
    source = "EDGEBIN_ISA";
  }
  for (const Kernels& kernels : all) {
    if (requested == kernels.isa) return kernels;
  }
  throw Error(ErrorKind::kOption, message(source, ": expected one of ", names(all),
                                          " on this machine, found ", quoted(requested)));
}

}  // namespace edgebin::kernels
