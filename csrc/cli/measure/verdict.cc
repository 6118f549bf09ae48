#include "cli/measure/verdict.h"

#include <algorithm>
#include <functional>
#include <initializer_list>

#include "cli/io/text.h"
#include "cli/measure/limits.h"

namespace edgebin::cli {
namespace {

using Verdict = std::optional<Reason>;

struct Facts {
  int threads;
  const Measurement& measurement;
  const Machine& before;
  const Machine& after;

  const Activity& activity() const { return measurement.activity; }

  // Whether the kernel's counters of time are fine enough for so short a time.
  bool counted() const { return activity().wall_seconds >= kMinSecondsOfCounters; }
};

std::string percent(double share, int digits) { return decimal(100 * share, digits) + "%"; }

// A number beyond a limit, with so many decimals that it does not look like the limit.
std::string beyond(double value, double limit, int digits) {
  while (digits < 6 && decimal(value, digits) == decimal(limit, digits)) ++digits;
  return decimal(value, digits);
}

std::string percent_beyond(double share, double limit) {
  return beyond(100 * share, 100 * limit, 1) + "%";
}

std::string counted_cores(int cores) { return counted(static_cast<std::size_t>(cores), "core"); }

// The smaller or larger one of the numbers that are known.
template <class Better>
std::optional<double> best(std::initializer_list<std::optional<double>> values, Better is_better) {
  std::optional<double> found;
  for (const auto& value : values) {
    if (value && (!found || is_better(*value, *found))) found = value;
  }
  return found;
}

Verdict throttled(const Facts& facts) {
  if (!facts.before.throttled.value_or(false) && !facts.after.throttled.value_or(false)) return {};
  return Reason{"throttled", "heat or weak supply slowed the machine down", {}, {}};
}

Verdict quota(const Facts& facts) {
  const auto allowed = best(
      {facts.before.cpu_quota, facts.after.cpu_quota, facts.activity().cpu_quota}, std::less<>());
  if (!allowed || *allowed >= facts.threads) return {};
  const std::string text = "the control group allows " + beyond(*allowed, facts.threads, 1) +
                           " cores, fewer than the " + std::to_string(facts.threads) + " that " +
                           (facts.threads == 1 ? "thread" : "threads") + " compute on";
  return Reason{"quota", text, allowed, facts.threads};
}

Verdict group_throttled(const Facts& facts) {
  const auto periods = facts.activity().throttled_periods.value_or(0);
  if (periods == 0) return {};
  const std::string times = periods == 1 ? "once" : std::to_string(periods) + " times";
  const std::string text = "the control group was stopped " + times + ", for " +
                           decimal(facts.activity().throttled_seconds.value_or(0), 2) +
                           " s, at the end of its quota";
  return Reason{"cgroup_throttled", text, static_cast<double>(periods), 0};
}

Verdict others(const Facts& facts) {
  const auto used = facts.activity().others_cores;
  const auto cores = facts.activity().machine_cores;
  if (!used || !cores || !facts.counted()) return {};
  const double limit = std::max(0, *cores - facts.threads) + kMaxOthersOverlap;
  if (*used <= limit) return {};
  const std::string text = "other programs used " + beyond(*used, limit, 2) + " of " +
                           counted_cores(*cores) + " beside " +
                           counted(static_cast<std::size_t>(facts.threads), "thread") +
                           "; at most " + decimal(limit, 2) + " leave it undisturbed";
  return Reason{"others", text, used, limit};
}

// The load average lags: it counts unless all others are known to have been idle.
Verdict load(const Facts& facts) {
  const int cores = facts.activity().machine_cores.value_or(facts.before.cores);
  const auto average =
      best({facts.before.load_average, facts.activity().load_average}, std::greater<>());
  const double limit = cores + kMaxLoadAboveCores;
  if (!average || *average <= limit) return {};
  const auto used = facts.activity().others_cores;
  if (facts.counted() && used && *used <= kMaxOthersOverlap) return {};
  const std::string text = "the load average is " + beyond(*average, limit, 1) + " on " +
                           counted_cores(cores) + "; at most " + decimal(limit, 1);
  return Reason{"load", text, average, limit};
}

Verdict steal(const Facts& facts) {
  const auto share = facts.activity().steal_share;
  if (!share || *share <= kMaxSteal || !facts.counted()) return {};
  const std::string text = "the hypervisor took " + percent_beyond(*share, kMaxSteal) +
                           " of the time; at most " + percent(kMaxSteal, 0);
  return Reason{"steal", text, share, kMaxSteal};
}

Verdict switches(const Facts& facts) {
  if (!facts.counted()) return {};
  const double rate = static_cast<double>(facts.activity().involuntary_switches) /
                      (facts.activity().wall_seconds * facts.threads);
  if (rate <= kMaxSwitchesPerSecond) return {};
  const std::string text = "the kernel took the core from each thread " +
                           beyond(rate, kMaxSwitchesPerSecond, 0) + " times a second; at most " +
                           decimal(kMaxSwitchesPerSecond, 0);
  return Reason{"switches", text, rate, kMaxSwitchesPerSecond};
}

Verdict waited(const Facts& facts) {
  const auto seconds = facts.activity().waited_seconds;
  if (!seconds || !facts.counted()) return {};
  const double share = *seconds / (facts.activity().wall_seconds * facts.threads);
  if (share <= kMaxWaited) return {};
  const std::string text = "threads waited " + percent_beyond(share, kMaxWaited) +
                           " of the time for a core; at most " + percent(kMaxWaited, 0);
  return Reason{"waited", text, share, kMaxWaited};
}

// Of one thread alone: several wait for one another where a step has too little for all.
Verdict cpu_time(const Facts& facts) {
  if (facts.threads != 1 || !facts.counted()) return {};
  const double share = facts.activity().cpu_seconds / facts.activity().wall_seconds;
  if (share >= kMinCpuShare) return {};
  const std::string text = "CPU time is " + percent_beyond(share, kMinCpuShare) +
                           " of the wall time; at least " + percent(kMinCpuShare, 0);
  return Reason{"cpu_time", text, share, kMinCpuShare};
}

Verdict core_share(const Facts& facts) {
  const auto share = facts.activity().core_share;
  if (!share || *share >= kMinCoreShare) return {};
  const std::string text =
      "another hyperthread, perhaps of another virtual machine, shared the "
      "core: the thread got " +
      percent_beyond(*share, kMinCoreShare) + " of it; at least " + percent(kMinCoreShare, 0);
  return Reason{"core_share", text, share, kMinCoreShare};
}

Verdict spread(const Facts& facts) {
  const Summary summary = summarise(facts.measurement.run_ms);
  const double ratio = summary.median > 0 ? summary.p90 / summary.median : 1;
  if (ratio <= kMaxP90OverMedian) return {};
  const std::string text = "p90 is " + beyond(ratio, kMaxP90OverMedian, 2) +
                           " times the median; at most " + decimal(kMaxP90OverMedian, 1);
  return Reason{"spread", text, ratio, kMaxP90OverMedian};
}

Verdict warmup(const Facts& facts) {
  if (facts.measurement.stable.value_or(true)) return {};
  const std::string text = "times were not stable after " + decimal(kWarmupMaxSeconds, 0) +
                           " s of warming up: medians of consecutive calls differ by more than " +
                           percent(kWarmupTolerance, 0);
  return Reason{"warmup", text, {}, {}};
}

Verdict few_calls(const Facts& facts) {
  const std::size_t calls = facts.measurement.run_ms.size();
  if (calls >= kMinCalls) return {};
  const std::string text = counted(calls, "timed call") + "; at least " +
                           std::to_string(kMinCalls) + " make a 90th percentile";
  return Reason{"few_calls", text, static_cast<double>(calls), kMinCalls};
}

}  // namespace

std::vector<Reason> judge(int threads, const Measurement& measurement, const Machine& before,
                          const Machine& after) {
  const Facts facts{threads, measurement, before, after};
  std::vector<Reason> reasons;
  for (const auto rule : {throttled, quota, group_throttled, others, load, steal, switches, waited,
                          cpu_time, core_share, spread, warmup, few_calls}) {
    const Verdict reason = rule(facts);
    if (reason) reasons.push_back(*reason);
  }
  return reasons;
}

}  // namespace edgebin::cli
