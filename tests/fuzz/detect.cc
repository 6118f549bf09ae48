// Decoding of a detector's outputs, of any numbers and by any rule that a file may hold: boxes are
// in the input, have an area and a score, are not too many, and come best first.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "tasks/detect.h"
#include "tasks/placement.h"

namespace edgebin::tasks {
namespace {

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

  template <class T>
  T next() {
    T value{};
    const std::size_t size = std::min(sizeof value, left_.size());
    if (size > 0) std::memcpy(&value, left_.data(), size);
    left_ = left_.subspan(size);
    return value;
  }

 private:
  std::span<const std::uint8_t> left_;
};

float share(Bytes& bytes) { return static_cast<float>(bytes.next<std::uint8_t>()) / 255.0f; }

ModelInfo draw_model(Bytes& bytes) {
  ModelInfo model;
  model.task = "detect";
  model.threshold = share(bytes);
  model.input.height = 1 + bytes.next<std::uint8_t>();
  model.input.width = 1 + bytes.next<std::uint8_t>();
  model.letterbox = (bytes.next<std::uint8_t>() & 1) != 0;
  model.resize = model.letterbox ? 0 : bytes.next<std::uint16_t>();
  DetectInfo rule;
  rule.form = (bytes.next<std::uint8_t>() & 1) != 0 ? "ltrb" : "centre";
  rule.class_aware = (bytes.next<std::uint8_t>() & 1) != 0;
  rule.iou_threshold = share(bytes);
  rule.candidates = 1 + bytes.next<std::uint8_t>();
  rule.max_boxes = 1 + bytes.next<std::uint8_t>() % rule.candidates;
  const int classes = 1 + bytes.next<std::uint8_t>() % 3;
  const int levels = 1 + bytes.next<std::uint8_t>() % 3;
  for (int i = 0; i < levels; ++i) {
    const int height = 1 + bytes.next<std::uint8_t>() % 3;
    const int width = 1 + bytes.next<std::uint8_t>() % 3;
    rule.levels.push_back(
        {1u + bytes.next<std::uint16_t>() % 4096u, model.outputs.size(), model.outputs.size() + 1});
    for (const int channels : {4, classes}) {
      model.outputs.push_back({.height = height, .width = width, .channels = channels});
    }
  }
  model.detect = rule;
  return model;
}

void check(const ModelInfo& model, std::span<const Detection> found) {
  if (found.size() > model.detect->max_boxes) std::abort();
  float last = 1;
  for (const auto& [box, score, index] : found) {
    const bool inside = 0 <= box.left && box.left < box.right &&
                        box.right <= static_cast<float>(model.input.width) && 0 <= box.top &&
                        box.top < box.bottom &&
                        box.bottom <= static_cast<float>(model.input.height);
    if (!inside || !(score >= model.threshold && score <= last)) std::abort();
    last = score;
    const Placement placement = place(model, 640, 480);
    const Box shown = to_image(box, placement, 640, 480);
    const bool in_image = 0 <= shown.left && shown.left <= shown.right && shown.right <= 640 &&
                          0 <= shown.top && shown.top <= shown.bottom && shown.bottom <= 480;
    if (placement.width > 0 && placement.height > 0 && !in_image) std::abort();
  }
}

}  // namespace
}  // namespace edgebin::tasks

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using edgebin::tasks::Detector;
  edgebin::tasks::Bytes bytes(data, size);
  const edgebin::ModelInfo model = edgebin::tasks::draw_model(bytes);
  std::vector<std::vector<float>> values;
  for (const edgebin::ValueInfo& output : model.outputs) {
    values.emplace_back();
    for (std::size_t i = 0; i < output.elements(); ++i) {
      values.back().push_back(bytes.next<float>());
    }
  }
  const std::vector<std::span<const float>> outputs(values.begin(), values.end());
  Detector detector(model);
  edgebin::tasks::check(model, detector.decode(outputs));
  return 0;
}
