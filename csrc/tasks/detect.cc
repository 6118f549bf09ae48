#include "tasks/detect.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/error.h"
#include "tasks/placement.h"

namespace edgebin::tasks {
namespace {

const DetectInfo& rule_of(const ModelInfo& model) {
  if (model.detect) return *model.detect;
  throw Error(ErrorKind::kInput, message("task: expected detect, found ", model.task));
}

// Whether any of so many scores may be a candidate: without branches, for a vector at a time.
constexpr std::size_t kBlock = 16;
bool reaches(const float* scores, float threshold) {
  unsigned found = 0;
  for (std::size_t i = 0; i < kBlock; ++i) found |= static_cast<unsigned>(scores[i] >= threshold);
  return found != 0;
}

float within(double edge, int size) {
  return static_cast<float>(std::clamp(edge, 0.0, static_cast<double>(size)));
}

// Neither empty nor with a coordinate that is NaN.
bool has_area(const Box& box) { return box.right > box.left && box.bottom > box.top; }

double area(const Box& box) {
  return (static_cast<double>(box.right) - box.left) * (static_cast<double>(box.bottom) - box.top);
}

}  // namespace

double overlap(const Box& a, const Box& b) {
  const double width = static_cast<double>(std::min(a.right, b.right)) - std::max(a.left, b.left);
  const double height = static_cast<double>(std::min(a.bottom, b.bottom)) - std::max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const double common = width * height;
  return common / (area(a) + area(b) - common);
}

Detector::Detector(const ModelInfo& model) : model_(model), rule_(rule_of(model)) {
  candidates_.reserve(rule_.candidates);
  detections_.reserve(rule_.max_boxes);
}

// Ties by level, then by position, then by class.
bool Detector::is_better(const Candidate& a, const Candidate& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.level != b.level ? a.level < b.level : a.element < b.element;
}

void Detector::add(const Candidate& candidate) noexcept {
  if (!(candidate.score >= model_.threshold && candidate.score <= 1.0f)) return;
  if (candidates_.size() == rule_.candidates) {
    if (!is_better(candidate, candidates_.front())) return;
    std::ranges::pop_heap(candidates_, is_better);
    candidates_.pop_back();
  }
  candidates_.push_back(candidate);
  std::ranges::push_heap(candidates_, is_better);
}

void Detector::collect(std::span<const float> scores, std::uint32_t level) noexcept {
  std::size_t at = 0;
  const auto add_until = [&](std::size_t end) {
    for (; at < end; ++at) add({scores[at], level, static_cast<std::uint32_t>(at)});
  };
  while (at + kBlock <= scores.size()) {
    if (reaches(&scores[at], model_.threshold)) {
      add_until(at + kBlock);
    } else {
      at += kBlock;
    }
  }
  add_until(scores.size());
}

Box Detector::decode_box(const float* values, std::size_t position,
                         const DetectLevel& level) const {
  const auto columns = static_cast<std::size_t>(model_.outputs[level.boxes].width);
  const auto x = static_cast<double>(position % columns);
  const std::size_t row = position / columns;
  const auto y = static_cast<double>(row);
  const std::array<double, 4> v = {values[0], values[1], values[2], values[3]};
  std::array<double, 4> edges{};
  if (rule_.form == "ltrb") {
    edges = {x + 0.5 - v[0], y + 0.5 - v[1], x + 0.5 + v[2], y + 0.5 + v[3]};
  } else {
    edges = {x + v[0] - v[2] / 2, y + v[1] - v[3] / 2, x + v[0] + v[2] / 2, y + v[1] + v[3] / 2};
  }
  const double stride = level.stride;
  const auto& [height, width] = std::tie(model_.input.height, model_.input.width);
  return {within(edges[0] * stride, width), within(edges[1] * stride, height),
          within(edges[2] * stride, width), within(edges[3] * stride, height)};
}

void Detector::suppress(const Detection& detection) noexcept {
  for (const Detection& better : detections_) {
    const bool rivals = !rule_.class_aware || better.index == detection.index;
    if (rivals && overlap(better.box, detection.box) > rule_.iou_threshold) return;
  }
  detections_.push_back(detection);
}

std::span<const Detection> Detector::decode(
    std::span<const std::span<const float>> outputs) noexcept {
  candidates_.clear();
  detections_.clear();
  for (std::uint32_t i = 0; i < rule_.levels.size(); ++i) {
    collect(outputs[rule_.levels[i].scores], i);
  }
  std::ranges::sort_heap(candidates_, is_better);  // best first
  for (const Candidate& candidate : candidates_) {
    if (detections_.size() == rule_.max_boxes) break;
    const DetectLevel& level = rule_.levels[candidate.level];
    const auto classes = static_cast<std::uint32_t>(model_.outputs[level.scores].channels);
    const std::uint32_t position = candidate.element / classes;
    const Box box = decode_box(&outputs[level.boxes][4 * std::size_t{position}], position, level);
    if (has_area(box)) suppress({box, candidate.score, candidate.element % classes});
  }
  return detections_;
}

std::vector<Detection> detect(const Model& model, std::span<const std::byte> image, ImageSize size,
                              Detector& detector) {
  const std::vector<std::vector<float>> values = model.run(std::span(&image, 1));
  const std::vector<std::span<const float>> outputs(values.begin(), values.end());
  const auto found = detector.decode(outputs);
  std::vector<Detection> detections(found.begin(), found.end());
  if (size.width == 0 || size.height == 0) return detections;
  const Placement placement = place(model.info(), size.width, size.height);
  for (Detection& detection : detections) {
    detection.box = to_image(detection.box, placement, size.width, size.height);
  }
  std::erase_if(detections, [](const Detection& detection) { return !has_area(detection.box); });
  return detections;
}

}  // namespace edgebin::tasks
