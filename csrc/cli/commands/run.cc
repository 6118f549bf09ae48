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

void require_classes(const ModelInfo& model) {
  const ValueInfo& output = model.outputs.front();
  if (output.height == 1 && output.width == 1) return;
  throw Error(ErrorKind::kInput,
              message("output ", quoted(output.name), ": expected classes, found ", output.height,
                      'x', output.width, 'x', output.channels, "; use --output"));
}

// Prints as it goes, or gathers a JSON document.
class Report {
 public:
  Report(const ModelInfo& model, bool json) : as_json_(json) {
    if (!as_json_) return;
    json_.begin_object();
    json_.key("model");
    json_.text(model.name);
    json_.key("isa");
    json_.text(model.isa);
    json_.key("results");
    json_.begin_array();
  }

  void add(const std::string& picture, const std::vector<tasks::Prediction>& best) {
    if (!as_json_) {
      print(table(picture, best));
      return;
    }
    begin(picture, "predictions");
    json_.begin_array();
    for (const tasks::Prediction& one : best) {
      json_.begin_object();
      json_.key("label");
      json_.text(one.label);
      json_.key("index");
      json_.integer(static_cast<std::int64_t>(one.index));
      json_.key("score");
      json_.number(one.score);
      json_.end_object();
    }
    json_.end_array();
    json_.end_object();
  }

  void add_error(const std::string& picture, std::string_view error) {
    complain(error);
    if (!as_json_) return;
    begin(picture, "error");
    json_.text(error);
    json_.end_object();
  }

  void end() {
    if (!as_json_) return;
    json_.end_array();
    json_.end_object();
    print(json_.document() + "\n");
  }

 private:
  void begin(const std::string& picture, std::string_view key) {
    json_.begin_object();
    json_.key("picture");
    json_.text(picture);
    json_.key(key);
  }

  static std::string table(const std::string& picture, const std::vector<tasks::Prediction>& best) {
    std::size_t widest = 0;
    for (const tasks::Prediction& one : best) widest = std::max(widest, length(plain(one.label)));
    std::string text = plain(picture) + "\n";
    for (const tasks::Prediction& one : best) {
      const std::string label = plain(one.label);
      const std::string percent = decimal(100 * one.score, 1);
      text += "  " + label + std::string(widest - length(label) + 2, ' ');
      text += std::string(5 - std::min<std::size_t>(percent.size(), 5), ' ') + percent + " %\n";
    }
    return text;
  }

  bool as_json_;
  Json json_;
};

// Every output of every picture, in one file; a picture that cannot be read leaves it unwritten.
int write_outputs(const Model& model, const Arguments& arguments) {
  std::vector<float> values;
  for (const std::string& picture : arguments.pictures) {
    for (const auto& output : model.run(read_input(picture, model.info(), arguments.raw))) {
      values.insert(values.end(), output.begin(), output.end());
    }
  }
  write_whole(arguments.output, std::as_bytes(std::span(values)));
  return kGood;
}

}  // namespace

int classify(const Arguments& arguments) {
  const Model model(arguments.model, {arguments.isa, arguments.threads});
  if (!arguments.output.empty()) return write_outputs(model, arguments);
  require_classes(model.info());
  Report report(model.info(), arguments.json);
  int code = kGood;
  for (const std::string& picture : arguments.pictures) {
    try {
      const auto outputs = model.run(read_input(picture, model.info(), arguments.raw));
      report.add(picture, tasks::rank(outputs.front(), model.info(),
                                      static_cast<std::size_t>(arguments.top)));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInput) throw;
      report.add_error(picture, error.what());
      code = kBad;
    }
  }
  report.end();
  return code;
}

}  // namespace edgebin::cli
