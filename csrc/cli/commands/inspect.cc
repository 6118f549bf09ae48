// `edgebin-run inspect`: prints what a model file is and lists its layers.
#include <string>
#include <utility>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/io/json.h"
#include "cli/io/text.h"
#include "edgebin/model.h"

namespace edgebin::cli {
namespace {

bool is_one_position(const ValueInfo& value) { return value.height == 1 && value.width == 1; }

std::string shape_of(const ValueInfo& value) {
  std::string channels = std::to_string(value.channels);
  if (is_one_position(value)) return channels;
  return std::to_string(value.height) + "x" + std::to_string(value.width) + "x" + channels;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + plain(name);
  return text.empty() ? "none" : text;
}

std::string dtype_of(const ValueInfo& value) {
  if (value.dtype == "f32") return "float32";
  return value.dtype == "s8" ? "int8" : "uint8";
}

std::string fit_of(const ModelInfo& model) {
  if (model.letterbox) return "letterbox on " + std::to_string(model.fill);
  return model.resize > 0 ? "short side " + std::to_string(model.resize) + ", centre crop"
                          : "stretched";
}

std::string text_of(const ModelInfo& model) {
  std::string text = plain(model.name) + ", written by " + plain(model.producer) + "\n";
  text += "task     " + model.task;
  if (model.detect) {
    text += ", threshold " + significant(model.threshold, 4) + ", at most " +
            std::to_string(model.detect->max_boxes) + " boxes, overlap " +
            significant(model.detect->iou_threshold, 4);
  } else if (model.temperature != 1.0f || model.threshold != 0.0f) {
    text += ", temperature " + significant(model.temperature, 4) + ", threshold " +
            decimal(model.threshold, 4);
  }
  text += '\n';
  for (const ValueInfo& input : model.inputs) {
    const bool is_image = &input == model.inputs.data() && !model.mean.empty();
    text += "input    " + plain(input.name) + " " + dtype_of(input) + " " + shape_of(input) +
            (is_image ? ", " + model.colour + ", " + fit_of(model) + ", " + model.filter : "") +
            "\n";
  }
  for (const ValueInfo& output : model.outputs) {
    text += "output   " + plain(output.name) + " float32 " + shape_of(output) +
            (output.probabilities ? ", probabilities" : "") + "\n";
  }
  text += "labels   " + joined(model.labels) + "\n";
  text += "file     " + size(model.file_bytes) + "\n";
  text += "arena    " + size(model.arena_bytes) + " with " +
          counted(static_cast<std::size_t>(model.threads), "thread") + "\n";
  text +=
      "test     " +
      (model.probe_images > 0 ? counted(model.probe_images, "image") + ", for edgebin-run verify"
                              : "none") +
      "\n";
  return text + "isa      " + model.isa + " of " + joined(isas()) + "\n";
}

void write_value(Json& json, const ValueInfo& value, bool is_input) {
  json.begin_object();
  json.member("name", value.name);
  json.key("shape");
  json.begin_array();
  if (is_input || !is_one_position(value)) {
    json.value(value.height);
    json.value(value.width);
  }
  json.value(value.channels);
  json.end_array();
  json.member("dtype", dtype_of(value));
  json.end_object();
}

void write_texts(Json& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key);
  json.begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_detect(Json& json, const DetectInfo& rule) {
  json.key("detect");
  json.begin_object();
  json.key("levels");
  json.begin_array();
  for (const auto& [stride, boxes, scores] : rule.levels) {
    json.begin_object();
    json.member("stride", static_cast<std::size_t>(stride));
    json.member("boxes", boxes);
    json.member("scores", scores);
    json.end_object();
  }
  json.end_array();
  json.member("form", rule.form);
  json.member("iou_threshold", static_cast<double>(rule.iou_threshold));
  json.member("candidates", rule.candidates);
  json.member("max_boxes", rule.max_boxes);
  json.key("class_aware");
  json.value(rule.class_aware);
  json.end_object();
}

// With the keys of `edgebin inspect --json`, except for the layers, and some more.
std::string document(const ModelInfo& model) {
  Json json;
  json.begin_object();
  json.member("name", model.name);
  json.member("producer", model.producer);
  json.key("inputs");
  json.begin_array();
  for (const ValueInfo& input : model.inputs) write_value(json, input, true);
  json.end_array();
  json.key("outputs");
  json.begin_array();
  for (const ValueInfo& output : model.outputs) write_value(json, output, false);
  json.end_array();
  json.key("preprocessing");
  json.begin_object();
  json.member("resize", model.resize);
  json.member("filter", model.filter);
  json.member("colour", model.colour);
  json.member("fit", model.letterbox ? "letterbox" : "crop");
  json.member("fill", static_cast<int>(model.fill));
  json.end_object();
  json.key("task");
  json.begin_object();
  json.member("kind", model.task);
  json.member("temperature", static_cast<double>(model.temperature));
  json.member("threshold", static_cast<double>(model.threshold));
  if (model.detect) write_detect(json, *model.detect);
  json.end_object();
  write_texts(json, "labels", model.labels);
  json.member("self_test", model.probe_images);
  json.member("isa", model.isa);
  write_texts(json, "isas", isas());
  json.member("threads", model.threads);
  json.member("file_bytes", model.file_bytes);
  json.member("arena_bytes", model.arena_bytes);
  json.end_object();
  return json.document() + "\n";
}

}  // namespace

int inspect(const Arguments& arguments) {
  const Model model(arguments.model, {arguments.isa, arguments.threads});
  print(arguments.json ? document(model.info()) : text_of(model.info()));
  return kSuccess;
}

}  // namespace edgebin::cli
