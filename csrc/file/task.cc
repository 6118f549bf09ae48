#include "file/task.h"

#include <cmath>
#include <cstdint>

#include "base/error.h"

namespace edgebin {
namespace {

constexpr std::uint32_t kClassifySize = 8;
constexpr std::uint32_t kDetectSize = 24;  // and kLevelSize for each level
constexpr std::uint32_t kLevelSize = 12;
constexpr std::uint32_t kMaxLevels = 8;
constexpr std::uint32_t kMaxStride = 1 << 12;
constexpr std::uint32_t kMaxCandidates = 1 << 12;

float read_share(Cursor& cursor, std::string_view field) {
  const float value = cursor.f32(field);
  if (!(value >= 0.0f && value <= 1.0f)) {
    cursor.fail(Rule::kTaskNumbers, field, "is no number from 0 to 1", 4);
  }
  return value;
}

void read_classify(Cursor& cursor, Task& task) {
  cursor.within(Rule::kTaskSize, "size of the task", kClassifySize, kClassifySize);
  task.temperature = cursor.f32("temperature");
  if (!(std::isfinite(task.temperature) && task.temperature > 0.0f)) {
    cursor.fail(Rule::kTaskNumbers, "temperature", "is no finite number above 0", 4);
  }
  task.threshold = read_share(cursor, "threshold");
}

void read_levels(Cursor& cursor, std::uint32_t count, DetectRule& rule) {
  for (std::uint32_t i = 0; i < count; ++i) {
    LevelRule level;
    level.stride = cursor.within(Rule::kTaskRange, "stride", 1, kMaxStride);
    level.boxes = cursor.u32("output of boxes");
    level.scores = cursor.u32("output of scores");
    rule.levels.push_back(level);
  }
}

void read_detect(Cursor& cursor, Task& task) {
  DetectRule& rule = task.detect;
  const std::uint32_t size =
      cursor.within(Rule::kTaskSize, "size of the task", kDetectSize + kLevelSize,
                    kDetectSize + kMaxLevels * kLevelSize);
  task.threshold = read_share(cursor, "threshold");
  rule.iou_threshold = read_share(cursor, "threshold of overlap");
  rule.candidates = cursor.within(Rule::kTaskRange, "candidates", 1, kMaxCandidates);
  rule.max_boxes = cursor.within(Rule::kTaskRange, "boxes", 1, rule.candidates);
  rule.form = cursor.one_of<BoxForm>(Rule::kTaskRange, "form of boxes", kBoxForms);
  rule.class_aware = cursor.below(Rule::kTaskRange, "class-aware", 2) != 0;
  cursor.zero(Rule::kTaskRange, "zero after class-aware", 2);
  const std::uint32_t levels = cursor.within(Rule::kTaskLevels, "levels", 1, kMaxLevels);
  if (size != kDetectSize + levels * kLevelSize) {
    cursor.fail(Rule::kTaskSize, "levels",
                message("is ", levels, ", the task has ", size, " bytes"), 4);
  }
  read_levels(cursor, levels, rule);
}

}  // namespace

Task read_task(Cursor& cursor) {
  Task task;
  task.kind = cursor.one_of<TaskKind>(Rule::kTaskKind, "task", kTaskKinds);
  switch (task.kind) {
    case TaskKind::kClassify:
      read_classify(cursor, task);
      break;
    case TaskKind::kDetect:
      read_detect(cursor, task);
      break;
    default:
      cursor.within(Rule::kTaskSize, "size of the task", 0, 0);
  }
  return task;
}

}  // namespace edgebin
