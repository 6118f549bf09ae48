// From logits to ranked classes: order and ties, probabilities, and outputs that are refused.
#include "tasks/classes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace edgebin::tasks {
namespace {

ModelInfo model(bool probabilities) {
  ModelInfo info;
  info.outputs.push_back({.name = "scores", .channels = 4, .probabilities = probabilities});
  info.labels = {"a", "b", "c"};
  return info;
}

TEST(Ranking, BestFirstAndTiesByNumber) {
  const std::vector<float> values = {1.0f, 3.0f, 1.0f, 3.0f};
  const auto best = rank(values, model(false), 9);
  ASSERT_EQ(best.size(), 4u);
  EXPECT_EQ(best[0].label, "b");
  EXPECT_EQ(best[1].label, "3");  // the model has no name for it
  EXPECT_EQ(best[2].label, "a");
  EXPECT_EQ(best[3].label, "c");
  const double strong = 1 / (2 + 2 * std::exp(-2.0));
  EXPECT_DOUBLE_EQ(best[0].score, strong);
  EXPECT_DOUBLE_EQ(best[3].score, strong * std::exp(-2.0));
}

TEST(Ranking, ProbabilitiesStayWhatTheyAre) {
  const std::vector<float> values = {0.25f, 0.5f, 0.125f, 0.125f};
  const auto best = rank(values, model(true), 1);
  ASSERT_EQ(best.size(), 1u);
  EXPECT_EQ(best[0].index, 1u);
  EXPECT_EQ(best[0].score, 0.5);
}

TEST(Ranking, RefusesWhatIsNotFinite) {
  for (const float wrong :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const std::vector<float> values = {0.0f, wrong, 0.0f, 0.0f};
    EXPECT_THROW(rank(values, model(false), 1), Error);
    EXPECT_THROW(rank(values, model(true), 1), Error);
  }
}

TEST(Ranking, TheTemperatureDividesLogits) {
  ModelInfo warm = model(false);
  warm.temperature = 2.0f;
  const std::vector<float> values = {1.0f, 3.0f, 1.0f, 3.0f};
  const double strong = 1 / (2 + 2 * std::exp(-1.0));
  EXPECT_DOUBLE_EQ(rank(values, warm, 1)[0].score, strong);
}

// softmax(log(p) / 0.5) is p^2 over the sum of squares; a probability of 0 stays 0.
TEST(Ranking, TheTemperatureOfProbabilitiesIsThatOfTheirLogarithms) {
  ModelInfo cold = model(true);
  cold.temperature = 0.5f;
  const std::vector<float> values = {0.25f, 0.75f, 0.0f, 0.0f};
  const auto best = rank(values, cold, 4);
  EXPECT_NEAR(best[0].score, 0.9, 1e-12);
  EXPECT_NEAR(best[1].score, 0.1, 1e-12);
  EXPECT_EQ(best[3].score, 0.0);
}

TEST(Ranking, BelowTheThresholdThereIsNoClass) {
  ModelInfo strict = model(true);
  const std::vector<float> values = {0.25f, 0.5f, 0.125f, 0.125f};
  strict.threshold = 0.5f;
  EXPECT_EQ(rank(values, strict, 2).size(), 2u);
  strict.threshold = 0.500001f;
  EXPECT_TRUE(rank(values, strict, 2).empty());
}

TEST(Ranking, OtherTasksHaveNoClasses) {
  ModelInfo vector = model(false);
  vector.task = "embed";
  EXPECT_THROW(require_classes(vector), Error);
}

TEST(Ranking, ClassesHaveOnePosition) {
  ModelInfo map = model(false);
  EXPECT_NO_THROW(require_classes(map));
  map.outputs.front().height = 2;
  map.outputs.front().width = 3;
  try {
    require_classes(map);
    FAIL() << "took a map for classes";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_STREQ(error.what(),
                 "output \"scores\": expected classes, found 2x3x4; what works: its values, by "
                 "Model.run or --output");
  }
}

}  // namespace
}  // namespace edgebin::tasks
