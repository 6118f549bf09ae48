#include "base/core_share.h"

#ifdef __x86_64__
#include <cpuid.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#endif

namespace edgebin {

#ifdef __x86_64__
namespace {

constexpr unsigned kIntel = 0x756e6547;  // "Genu" of "GenuineIntel"
constexpr unsigned kLeaf7EbxAvx2 = 1u << 5;
constexpr unsigned kLeaf7EdxAvx512Fp16 = 1u << 23;

// Additions of a cycle; 0 if not known. Cores with AVX2 complete four at least, Intel's server
// cores with AVX-512 FP16 (Golden Cove and later) five.
int additions_per_cycle() {
  unsigned eax = 0, vendor = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(0, &eax, &vendor, &ecx, &edx) == 0) return 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return 0;
  if ((ebx & kLeaf7EbxAvx2) == 0) return 0;
  return vendor == kIntel && (edx & kLeaf7EdxAvx512Fp16) != 0 ? 5 : 4;
}

#define EDGEBIN_8(text) text text text text text text text text
#define EDGEBIN_ADD(to) "add %[one], %[" #to "]\n\t"

// Additions, each of which waits for the one before it.
constexpr int kChained = 64;
void add_chained(std::uint64_t& a) {
  asm volatile(EDGEBIN_8(EDGEBIN_8(EDGEBIN_ADD(a)))
               : [a] "+r"(a)
               : [one] "r"(std::uint64_t{1})
               : "cc");
}

// As many that wait for the eighth before them.
constexpr int kParallel = 512;
void add_parallel(std::uint64_t (&s)[8]) {
  asm volatile(EDGEBIN_8(EDGEBIN_8(EDGEBIN_ADD(a) EDGEBIN_ADD(b) EDGEBIN_ADD(c) EDGEBIN_ADD(d)
                                       EDGEBIN_ADD(e) EDGEBIN_ADD(f) EDGEBIN_ADD(g) EDGEBIN_ADD(h)))
               : [a] "+r"(s[0]), [b] "+r"(s[1]), [c] "+r"(s[2]), [d] "+r"(s[3]), [e] "+r"(s[4]),
                 [f] "+r"(s[5]), [g] "+r"(s[6]), [h] "+r"(s[7])
               : [one] "r"(std::uint64_t{1})
               : "cc");
}

#undef EDGEBIN_ADD
#undef EDGEBIN_8

// The shortest time of `calls` calls, of several attempts, for an interrupt only lengthens it.
template <class Function>
double nanoseconds(int calls, const Function& function) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto start = Clock::now();
    for (int i = 0; i < calls; ++i) function();
    const std::chrono::duration<double, std::nano> took = Clock::now() - start;
    best = attempt == 0 ? took.count() : std::min(best, took.count());
  }
  return best;
}

}  // namespace

std::optional<double> measure_core_share() noexcept {
  static const int alone = additions_per_cycle();
  if (alone == 0) return std::nullopt;
  std::uint64_t sum = 0;
  std::uint64_t sums[8] = {};
  constexpr int kCalls = 64;
  const double chained = nanoseconds(kCalls, [&] { add_chained(sum); }) / kChained;
  const double parallel = nanoseconds(kCalls, [&] { add_parallel(sums); }) / kParallel;
  if (!(chained > 0 && parallel > 0)) return std::nullopt;
  return std::min(1.0, chained / parallel / alone);
}
#else
std::optional<double> measure_core_share() noexcept { return std::nullopt; }
#endif

}  // namespace edgebin
