// From a detector's outputs to boxes: order, limits, suppression, and the way back to the image.
// That all of it equals a reference is tested in Python.
#include "tasks/detect.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "tasks/placement.h"

namespace edgebin::tasks {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// One level of 1 x 2 positions, 10 pixels apart, and two classes.
ModelInfo detector() {
  ModelInfo info;
  info.task = "detect";
  info.threshold = 0.5f;
  info.input = {.name = "image", .height = 10, .width = 20, .channels = 3};
  info.outputs = {{.name = "boxes", .width = 2, .channels = 4},
                  {.name = "scores", .width = 2, .channels = 2}};
  info.detect = DetectInfo{.form = "ltrb",
                           .class_aware = true,
                           .iou_threshold = 0.5f,
                           .candidates = 10,
                           .max_boxes = 10,
                           .levels = {{.stride = 10, .boxes = 0, .scores = 1}}};
  return info;
}

std::vector<Detection> decode(const ModelInfo& model, const std::vector<float>& boxes,
                              const std::vector<float>& scores) {
  Detector found(model);
  const std::vector<std::span<const float>> outputs = {boxes, scores};
  const auto detections = found.decode(outputs);
  return {detections.begin(), detections.end()};
}

const std::vector<float> kHalves(8, 0.5f);  // each position has a box of its own

TEST(Detector, BestFirstAndTiesByPlace) {
  const auto found = decode(detector(), kHalves, {0.5f, 0.75f, 0.75f, 0.25f});
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].index, 1u);
  EXPECT_EQ(found[0].box.right, 10.0f);
  EXPECT_EQ(found[1].index, 0u);
  EXPECT_EQ(found[1].box.left, 10.0f);
  EXPECT_EQ(found[2].score, 0.5f);
}

TEST(Detector, OverlapIsOfTheSameClassUnlessItIsNot) {
  ModelInfo model = detector();
  const std::vector<float> same = {0.5f, 0.5f, 1.5f, 0.5f, 1.5f, 0.5f, 0.5f, 0.5f};  // whole input
  EXPECT_EQ(decode(model, same, {1, 0, 0.9f, 0}).size(), 1u);
  EXPECT_EQ(decode(model, same, {1, 0, 0, 0.9f}).size(), 2u);
  model.detect->class_aware = false;
  EXPECT_EQ(decode(model, same, {1, 0, 0, 0.9f}).size(), 1u);
  model.detect->iou_threshold = 1.0f;
  EXPECT_EQ(decode(model, same, {1, 0, 0, 0.9f}).size(), 2u);
}

TEST(Detector, LimitsKeepTheBest) {
  ModelInfo model = detector();
  model.detect->candidates = 2;
  const auto two = decode(model, kHalves, {0.6f, 0.7f, 0.8f, 0.9f});
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].score, 0.9f);
  EXPECT_EQ(two[1].score, 0.8f);
  model.detect->max_boxes = 1;
  EXPECT_EQ(decode(model, kHalves, {0.6f, 0.7f, 0.8f, 0.9f}).size(), 1u);
}

TEST(Detector, LeavesOutWhatIsNoBoxAndNoScore) {
  const std::vector<float> boxes = {0.5f, 0.5f, -0.5f, 0.5f, kNaN, 0.5f, 0.5f, 0.5f};
  EXPECT_TRUE(decode(detector(), boxes, {1, 1, 1, 1}).empty());
  EXPECT_TRUE(decode(detector(), kHalves, {kNaN, 1.5f, -1, HUGE_VALF}).empty());
  const std::vector<float> outside = {-3, 0.5f, 4, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f};
  EXPECT_EQ(decode(detector(), outside, {1, 0, 0, 0}).size(), 0u);
}

TEST(Detector, BoxesOfEitherFormAreCutToTheInput) {
  ModelInfo model = detector();
  model.detect->form = "centre";
  const std::vector<float> boxes = {0.5f, 0.5f, 1, 0.5f, 0, 0, 100, 100};
  const auto found = decode(model, boxes, {1, 0, 0.9f, 0});
  ASSERT_EQ(found.size(), 2u);
  const auto& [left, top, right, bottom] = found[0].box;
  EXPECT_EQ(std::vector({left, top, right, bottom}), (std::vector<float>{0, 2.5f, 10, 7.5f}));
  EXPECT_EQ(found[1].box.right, 20.0f);
  EXPECT_EQ(found[1].box.bottom, 10.0f);
}

TEST(Detector, IsOfDetectorsOnly) {
  ModelInfo model = detector();
  model.detect.reset();
  model.task = "segment";
  EXPECT_THROW(Detector{model}, Error);
}

TEST(Placement, GoesToTheImageAndBack) {
  ModelInfo model = detector();  // stretched
  const Box all = {0, 0, 20, 10};
  const Box stretched = to_image(all, place(model, 7, 300), 7, 300);
  EXPECT_EQ(stretched.right, 7.0f);
  EXPECT_EQ(stretched.bottom, 300.0f);
  model.letterbox = true;  // 5 x 10 pixels, 7 to the left
  const Placement boxed = place(model, 50, 100);
  EXPECT_EQ(boxed.left, -7);
  EXPECT_EQ(boxed.width, 5u);
  EXPECT_EQ(to_image({0, 0, 7, 10}, boxed, 50, 100).right, 0.0f);
  EXPECT_EQ(to_image({8, 1, 12, 10}, boxed, 50, 100).left, 10.0f);
  model.letterbox = false;
  model.resize = 10;  // 30 x 10, 5 of each side cut
  EXPECT_EQ(to_image(all, place(model, 60, 20), 60, 20).left, 10.0f);
}

}  // namespace
}  // namespace edgebin::tasks
