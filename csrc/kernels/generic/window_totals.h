// The sums of all codes that each window sees, for table lookup: 2 x (sum under +1) - total.
#ifndef EDGEBIN_KERNELS_GENERIC_WINDOW_TOTALS_H_
#define EDGEBIN_KERNELS_GENERIC_WINDOW_TOTALS_H_

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

// Of kLanes x kMaxVectors pixels, [vectors][lanes], in vectors of kBytes. The task may have fewer:
// what stands behind its totals is read, as kTotalSlack allows, and not used. That may be anything,
// so sums are unsigned, which may wrap.
template <int kLanes, int kMaxVectors, int kBytes>
struct WindowTotals {
  using Vector [[gnu::vector_size(kBytes)]] = std::uint32_t;
  static constexpr int kCount = kLanes * kMaxVectors;
  static constexpr int kStep = kBytes / 4;
  alignas(kBytes) std::int32_t totals[kCount];

  explicit WindowTotals(const LookupTask& task) {
    Vector sum[kCount / kStep] = {};
    for (int r = 0; r < task.run_count; ++r) {
      const std::int32_t* at = task.totals + task.runs[r].totals;
      for (int j = 0; j < task.runs[r].taps; ++j, at += kLanes) {
        for (int i = 0; i < kCount / kStep; ++i) {
          Vector next;
          __builtin_memcpy(&next, at + i * kStep, kBytes);
          sum[i] += next;
        }
      }
    }
    __builtin_memcpy(totals, sum, sizeof totals);
  }
};

}  // namespace
}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_WINDOW_TOTALS_H_
