// The JSON document of a measurement: schema "edgebin.bench", as edgebin.cli.reports.bench.document
// writes it in Python. docs/bench.md describes every key.
#ifndef EDGEBIN_CLI_MEASURE_DOCUMENT_H_
#define EDGEBIN_CLI_MEASURE_DOCUMENT_H_

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/measure/machine.h"
#include "cli/measure/measurement.h"
#include "cli/measure/verdict.h"

namespace edgebin::cli {

// A measurement with everything needed to repeat it.
struct Report {
  const Arguments& arguments;
  Machine before;
  Measurement measurement;
  Machine after;
  std::vector<Reason> reasons;  // why it is INVALID
  std::string date;

  bool valid() const { return reasons.empty(); }
  double images_per_second() const;
};

// The milliseconds of all steps of an image.
double profile_sum(const Measurement& measurement);

// The sum of the steps beside the median call, and why they differ.
std::string profile_note(const Report& report);

std::string document(const Report& report);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_MEASURE_DOCUMENT_H_
