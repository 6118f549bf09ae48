#include <string>
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

std::string text_of(const ModelInfo& model) {
  const std::string fit = model.resize > 0
                              ? "short side " + std::to_string(model.resize) + ", centre crop"
                              : "stretched";
  std::string text = plain(model.name) + ", written by " + plain(model.producer) + "\n";
  text += "input    " + plain(model.input.name) + " uint8 " + shape_of(model.input) + ", " +
          model.colour + ", " + fit + ", " + model.filter + "\n";
  for (const ValueInfo& output : model.outputs) {
    text += "output   " + plain(output.name) + " float32 " + shape_of(output) +
            (output.probabilities ? ", probabilities" : "") + "\n";
  }
  text += "labels   " + joined(model.labels) + "\n";
  text += "file     " + size(model.file_bytes) + "\n";
  text += "arena    " + size(model.arena_bytes) +
          " with threads: " + std::to_string(model.threads) + "\n";
  text +=
      "test     " + (model.self_tests > 0 ? counted(model.self_tests, "picture") : "none") + "\n";
  return text + "isa      " + model.isa + " of " + joined(isas()) + "\n";
}

void write_value(Json& json, const ValueInfo& value, bool is_input) {
  json.begin_object();
  json.key("name");
  json.text(value.name);
  json.key("shape");
  json.begin_array();
  if (is_input || !is_one_position(value)) {
    json.integer(value.height);
    json.integer(value.width);
  }
  json.integer(value.channels);
  json.end_array();
  json.key("dtype");
  json.text(is_input ? "uint8" : "float32");
  json.end_object();
}

void write_texts(Json& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key);
  json.begin_array();
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

void write_preprocessing(Json& json, const ModelInfo& model) {
  json.key("preprocessing");
  json.begin_object();
  json.key("resize");
  json.integer(model.resize);
  json.key("filter");
  json.text(model.filter);
  json.key("colour");
  json.text(model.colour);
  json.end_object();
}

// With the keys of `edgebin inspect --json` and Model, as far as they are known here.
std::string document(const ModelInfo& model) {
  Json json;
  json.begin_object();
  json.key("name");
  json.text(model.name);
  json.key("producer");
  json.text(model.producer);
  json.key("inputs");
  json.begin_array();
  write_value(json, model.input, true);
  json.end_array();
  json.key("outputs");
  json.begin_array();
  for (const ValueInfo& output : model.outputs) write_value(json, output, false);
  json.end_array();
  write_preprocessing(json, model);
  write_texts(json, "labels", model.labels);
  json.key("self_test");
  json.integer(static_cast<std::int64_t>(model.self_tests));
  json.key("isa");
  json.text(model.isa);
  write_texts(json, "isas", isas());
  json.key("threads");
  json.integer(model.threads);
  json.key("file_bytes");
  json.integer(static_cast<std::int64_t>(model.file_bytes));
  json.key("arena_bytes");
  json.integer(static_cast<std::int64_t>(model.arena_bytes));
  json.end_object();
  return json.document() + "\n";
}

}  // namespace

int info(const Arguments& arguments) {
  const Model model(arguments.model, {arguments.isa, arguments.threads});
  print(arguments.json ? document(model.info()) : text_of(model.info()));
  return kGood;
}

}  // namespace edgebin::cli
