// What `edgebin-run run` prints: a few lines for each image at once, or a JSON document at the end.
#ifndef EDGEBIN_CLI_COMMANDS_REPORT_H_
#define EDGEBIN_CLI_COMMANDS_REPORT_H_

#include <span>
#include <string>
#include <string_view>

#include "cli/io/json.h"
#include "edgebin/model.h"
#include "tasks/classes.h"
#include "tasks/detect.h"

namespace edgebin::cli {

class Report {
 public:
  // `model` must outlive the report.
  Report(const ModelInfo& model, bool as_json);

  void add(const std::string& image, std::span<const tasks::Prediction> predictions);
  void add(const std::string& image, std::span<const tasks::Detection> detections);
  void add_error(const std::string& image, std::string_view error);

  // To be called once, behind the last image.
  void end();

 private:
  void begin_result(const std::string& image, std::string_view list);
  void end_result();

  const ModelInfo& model_;
  bool as_json_;
  Json json_;
};

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_COMMANDS_REPORT_H_
