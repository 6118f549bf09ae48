// The limits beyond which a measurement is INVALID, and those of warming up and measuring: the
// numbers of edgebin.runtime.measure.limits in Python, which says what each is for.
#ifndef EDGEBIN_CLI_MEASURE_LIMITS_H_
#define EDGEBIN_CLI_MEASURE_LIMITS_H_

namespace edgebin::cli {

inline constexpr double kMaxLoadAboveCores = 0.5;
inline constexpr double kMaxOthersOverlap = 0.2;  // cores
inline constexpr double kMaxSteal = 0.01;
inline constexpr double kMaxSwitchesPerSecond = 100;
inline constexpr double kMaxWaited = 0.10;
inline constexpr double kMinCpuShare = 0.90;
inline constexpr double kMinCoreShare = 0.85;
inline constexpr double kMaxP90OverMedian = 1.3;
inline constexpr int kMinCalls = 20;
inline constexpr double kMinSecondsOfCounters = 0.1;

inline constexpr double kWarmupMinSeconds = 0.3;
inline constexpr double kWarmupMaxSeconds = 5;
inline constexpr int kWarmupWindowCalls = 5;
inline constexpr double kWarmupWindowSeconds = 0.05;
inline constexpr double kWarmupTolerance = 0.05;

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_MEASURE_LIMITS_H_
