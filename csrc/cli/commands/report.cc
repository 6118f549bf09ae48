#include "cli/commands/report.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/io/text.h"

namespace edgebin::cli {
namespace {

// A line with a label and a score, in columns, and what else is said of it.
struct Line {
  std::string label;
  double score;
  std::string rest = {};  // NOLINT(readability-redundant-member-init)
};

std::string table(const std::string& image, std::span<const Line> lines, std::string_view none) {
  std::size_t widest = 0;
  for (const Line& line : lines) widest = std::max(widest, length(line.label));
  std::string text = plain(image) + "\n";
  for (const Line& line : lines) {
    const std::string percent = decimal(100 * line.score, 1);
    text += "  " + line.label + std::string(widest - length(line.label) + 2, ' ');
    text += std::string(5 - std::min<std::size_t>(percent.size(), 5), ' ') + percent + " %" +
            line.rest + "\n";
  }
  return lines.empty() ? text + "  " + std::string(none) + "\n" : text;
}

std::array<float, 4> edges_of(const tasks::Box& box) {
  return {box.left, box.top, box.right, box.bottom};
}

}  // namespace

Report::Report(const ModelInfo& model, bool as_json) : model_(model), as_json_(as_json) {
  if (!as_json_) return;
  json_.begin_object();
  json_.member("model", model.name);
  json_.member("isa", model.isa);
  json_.key("results");
  json_.begin_array();
}

void Report::begin_result(const std::string& image, std::string_view list) {
  json_.begin_object();
  json_.member("image", image);
  json_.member("picture", image);  // the name in release 0.1
  json_.key(list);
}

void Report::end_result() {
  json_.end_array();
  json_.end_object();
}

void Report::add(const std::string& image, std::span<const tasks::Prediction> predictions) {
  if (!as_json_) {
    std::vector<Line> lines;
    for (const auto& [label, index, score] : predictions) lines.push_back({plain(label), score});
    print(table(image, lines, "none of the classes"));
    return;
  }
  begin_result(image, "predictions");
  json_.begin_array();
  for (const tasks::Prediction& prediction : predictions) {
    json_.begin_object();
    json_.member("label", prediction.label);
    json_.member("index", prediction.index);
    json_.member("score", prediction.score);
    json_.end_object();
  }
  end_result();
}

void Report::add(const std::string& image, std::span<const tasks::Detection> detections) {
  if (!as_json_) {
    std::vector<Line> lines;
    for (const auto& [box, score, index] : detections) {
      std::string edges;
      for (const float edge : edges_of(box)) {
        const std::string pixels = decimal(static_cast<double>(edge), 1);
        edges += std::string(8 - std::min<std::size_t>(pixels.size(), 7), ' ') + pixels;
      }
      lines.push_back({plain(tasks::label_of(model_, index)), static_cast<double>(score), edges});
    }
    print(table(image, lines, "nothing found"));
    return;
  }
  begin_result(image, "detections");
  json_.begin_array();
  for (const auto& [box, score, index] : detections) {
    json_.begin_object();
    json_.member("label", tasks::label_of(model_, index));
    json_.member("index", index);
    json_.member("score", static_cast<double>(score));
    json_.key("box");
    json_.begin_array();
    for (const float edge : edges_of(box)) json_.value(static_cast<double>(edge));
    json_.end_array();
    json_.end_object();
  }
  end_result();
}

void Report::add_error(const std::string& image, std::string_view error) {
  complain(error);
  if (!as_json_) return;
  begin_result(image, "error");
  json_.value(error);
  json_.end_object();
}

void Report::end() {
  if (!as_json_) return;
  json_.end_array();
  json_.end_object();
  print(json_.document() + "\n");
}

}  // namespace edgebin::cli
