// `edgebin-run run`: classifies images, or writes the network's outputs to a file.
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/commands/commands.h"
#include "cli/image/prepare.h"
#include "cli/io/atomic_write.h"
#include "cli/io/json.h"
#include "cli/io/text.h"
#include "edgebin/model.h"
#include "tasks/classes.h"

namespace edgebin::cli {
namespace {

using Predictions = std::vector<tasks::Prediction>;

std::string table(const std::string& image, const Predictions& predictions) {
  std::size_t widest = 0;
  for (const tasks::Prediction& prediction : predictions) {
    widest = std::max(widest, length(plain(prediction.label)));
  }
  std::string text = plain(image) + "\n";
  for (const tasks::Prediction& prediction : predictions) {
    const std::string label = plain(prediction.label);
    const std::string percent = decimal(100 * prediction.score, 1);
    text += "  " + label + std::string(widest - length(label) + 2, ' ');
    text += std::string(5 - std::min<std::size_t>(percent.size(), 5), ' ') + percent + " %\n";
  }
  return text;
}

// Prints the result of each image at once, or collects a JSON document.
class Report {
 public:
  Report(const ModelInfo& model, bool as_json) : as_json_(as_json) {
    if (!as_json_) return;
    json_.begin_object();
    json_.member("model", model.name);
    json_.member("isa", model.isa);
    json_.key("results");
    json_.begin_array();
  }

  void add(const std::string& image, const Predictions& predictions) {
    if (!as_json_) {
      print(table(image, predictions));
      return;
    }
    begin_result(image);
    json_.key("predictions");
    json_.begin_array();
    for (const tasks::Prediction& prediction : predictions) {
      json_.begin_object();
      json_.member("label", prediction.label);
      json_.member("index", prediction.index);
      json_.member("score", prediction.score);
      json_.end_object();
    }
    json_.end_array();
    json_.end_object();
  }

  void add_error(const std::string& image, std::string_view error) {
    complain(error);
    if (!as_json_) return;
    begin_result(image);
    json_.member("error", error);
    json_.end_object();
  }

  void end() {
    if (!as_json_) return;
    json_.end_array();
    json_.end_object();
    print(json_.document() + "\n");
  }

 private:
  void begin_result(const std::string& image) {
    json_.begin_object();
    json_.member("image", image);
    json_.member("picture", image);  // the name in release 0.1
  }

  bool as_json_;
  Json json_;
};

// Writes every output of every image to one file, or nothing if an image cannot be read.
int write_outputs(const Model& model, const Arguments& arguments) {
  std::vector<float> values;
  for (const std::string& image : arguments.images) {
    for (const auto& output : model.run(read_input(image, model.info(), arguments.raw))) {
      values.insert(values.end(), output.begin(), output.end());
    }
  }
  write_atomically(arguments.output, std::as_bytes(std::span(values)));
  return kSuccess;
}

}  // namespace

int run(const Arguments& arguments) {
  const Model model(arguments.model, {arguments.isa, arguments.threads});
  if (!arguments.output.empty()) return write_outputs(model, arguments);
  tasks::require_classes(model.info());
  Report report(model.info(), arguments.json);
  int code = kSuccess;
  for (const std::string& image : arguments.images) {
    try {
      const auto input = read_input(image, model.info(), arguments.raw);
      const auto top = static_cast<std::size_t>(arguments.top);
      report.add(image, tasks::classify(model, input, top).front());
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInput) throw;
      report.add_error(image, error.what());
      code = kBadInput;
    }
  }
  report.end();
  return code;
}

}  // namespace edgebin::cli
