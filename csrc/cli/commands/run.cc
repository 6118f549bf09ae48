// `edgebin-run run`: classifies images, or writes the network's outputs to a file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/commands/commands.h"
#include "cli/image/prepare.h"
#include "cli/io/atomic_write.h"
#include "cli/io/json.h"
#include "cli/io/tensor_file.h"
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
  return predictions.empty() ? text + "  none of the classes\n" : text;
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

using Elements = std::vector<std::uint8_t>;

// The elements of each input from the file that --input names for it.
std::vector<Elements> read_inputs(const ModelInfo& model, const Arguments& arguments) {
  std::vector<Elements> inputs(model.inputs.size());
  for (const std::string& given : arguments.inputs) {
    const std::size_t equals = given.find('=');
    const std::string name = given.substr(0, equals);
    const auto input = std::ranges::find(model.inputs, name, &ValueInfo::name);
    if (input == model.inputs.end()) {
      throw Error(ErrorKind::kOption, message("--input: expected an input of the model, such as ",
                                              quoted(model.input.name), ", found ", quoted(name)));
    }
    Elements& elements = inputs[static_cast<std::size_t>(input - model.inputs.begin())];
    if (!elements.empty()) {
      throw Error(ErrorKind::kOption,
                  message("--input: expected ", quoted(name), " once, found it twice"));
    }
    elements = read_tensor(given.substr(equals + 1), *input);
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].empty()) continue;
    throw Error(ErrorKind::kOption,
                message("--input: expected ", quoted(model.inputs[i].name), ", found no file"));
  }
  return inputs;
}

// Appends the outputs, image after image, each with all of them.
void append(const ModelInfo& model, const std::vector<std::vector<float>>& outputs,
            std::vector<float>& values) {
  const std::size_t images = outputs.front().size() / model.outputs.front().elements();
  for (std::size_t image = 0; image < images; ++image) {
    for (const std::vector<float>& output : outputs) {
      const std::size_t each = output.size() / images;
      const auto from = output.begin() + static_cast<std::ptrdiff_t>(image * each);
      values.insert(values.end(), from, from + static_cast<std::ptrdiff_t>(each));
    }
  }
}

std::vector<std::vector<float>> run_elements(const Model& model, std::span<const Elements> inputs) {
  std::vector<std::span<const std::byte>> spans;
  for (const Elements& elements : inputs) spans.push_back(std::as_bytes(std::span(elements)));
  return model.run(spans);
}

// Writes every output of every image to one file, or nothing if an image cannot be read.
int write_outputs(const Model& model, const Arguments& arguments) {
  const ModelInfo& info = model.info();
  if (is_npy(arguments.output) && info.outputs.size() > 1) {
    throw Error(ErrorKind::kOption,
                message("--output: expected a raw file for ", info.outputs.size(),
                        " outputs, found ", quoted(arguments.output)));
  }
  std::vector<float> values;
  if (!arguments.inputs.empty()) {
    append(info, run_elements(model, read_inputs(info, arguments)), values);
  }
  for (const std::string& image : arguments.images) {
    const Elements elements = read_input(image, info, arguments.raw);
    append(info, run_elements(model, std::span(&elements, 1)), values);
  }
  std::string header;
  if (is_npy(arguments.output)) {
    header = npy_header(info.outputs.front(), values.size() / info.outputs.front().elements());
  }
  const auto text = std::as_bytes(std::span(header));
  std::vector<std::byte> bytes(text.begin(), text.end());
  const auto numbers = std::as_bytes(std::span(values));
  bytes.insert(bytes.end(), numbers.begin(), numbers.end());
  write_atomically(arguments.output, bytes);
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
      report.add(image, tasks::classify(model, std::as_bytes(std::span(input)), top).front());
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
