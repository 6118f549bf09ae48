// `edgebin-run run`: interprets images as the task of the model says, or writes the network's
// outputs to a file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/commands/commands.h"
#include "cli/commands/report.h"
#include "cli/image/prepare.h"
#include "cli/io/atomic_write.h"
#include "cli/io/tensor_file.h"
#include "edgebin/model.h"
#include "tasks/classes.h"
#include "tasks/detect.h"

namespace edgebin::cli {
namespace {

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
    const Elements elements = read_input(image, info, arguments.raw).elements;
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

// Interprets the outputs of one image after the other, as the model's task says.
class Interpreter {
 public:
  Interpreter(const Model& model, const Arguments& arguments)
      : model_(model), arguments_(arguments) {
    if (model.info().detect) {
      detector_.emplace(model.info());
    } else {
      tasks::require_classes(model.info());
    }
  }

  void report(const std::string& image, Report& report) {
    const PreparedInput input = read_input(image, model_.info(), arguments_.raw);
    const auto elements = std::as_bytes(std::span(input.elements));
    if (detector_) {
      report.add(image, tasks::detect(model_, elements, {input.width, input.height}, *detector_));
    } else {
      const auto top = static_cast<std::size_t>(arguments_.top);
      report.add(image, tasks::classify(model_, elements, top).front());
    }
  }

 private:
  const Model& model_;
  const Arguments& arguments_;
  std::optional<tasks::Detector> detector_;
};

}  // namespace

int run(const Arguments& arguments) {
  const Model model(arguments.model, {arguments.isa, arguments.threads});
  if (!arguments.output.empty()) return write_outputs(model, arguments);
  Interpreter interpreter(model, arguments);
  Report report(model.info(), arguments.json);
  int code = kSuccess;
  for (const std::string& image : arguments.images) {
    try {
      interpreter.report(image, report);
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
