// Judges whether a measurement means anything: the rules, codes and sentences of
// edgebin.runtime.measure.verdict in Python.
#ifndef EDGEBIN_CLI_MEASURE_VERDICT_H_
#define EDGEBIN_CLI_MEASURE_VERDICT_H_

#include <optional>
#include <string>
#include <vector>

#include "cli/measure/machine.h"
#include "cli/measure/measurement.h"

namespace edgebin::cli {

// Why a measurement is INVALID.
struct Reason {
  std::string code;
  std::string text;
  std::optional<double> value;
  std::optional<double> limit;
};

// Returns nothing if the measurement is VALID. An unknown fact is no reason.
std::vector<Reason> judge(int threads, const Measurement& measurement, const Machine& before,
                          const Machine& after);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_MEASURE_VERDICT_H_
