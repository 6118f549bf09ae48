#include "runtime/task_outputs.h"

#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "graph/rules.h"

namespace edgebin {
namespace {

const Shape& output(std::uint32_t number, std::span<const Shape> outputs) {
  if (number < outputs.size()) return outputs[number];
  refuse_file(Rule::kTaskOutput,
              message("task is detect, output ", number, " of ", outputs.size(), " is used"));
}

void check_level(const LevelRule& level, std::span<const Shape> outputs, int classes) {
  const Shape& boxes = output(level.boxes, outputs);
  const Shape& scores = output(level.scores, outputs);
  if (boxes.c != 4) {
    refuse_file(Rule::kTaskOutput, message("task is detect, the output of boxes is ",
                                           describe(boxes), ", expected 4 channels"));
  }
  if (boxes.h != scores.h || boxes.w != scores.w) {
    refuse_file(Rule::kTaskOutput,
                message("task is detect, boxes are ", describe(boxes), ", scores are ",
                        describe(scores), ", expected the same positions"));
  }
  if (scores.c == classes) return;
  refuse_file(Rule::kTaskOutput, message("task is detect, scores are of ", scores.c,
                                         " classes, expected ", classes, " as at the first level"));
}

}  // namespace

int channels_with_labels(const Task& task, std::span<const Shape> outputs) {
  if (task.kind != TaskKind::kDetect) return outputs[0].c;
  return output(task.detect.levels.front().scores, outputs).c;
}

void check_task_outputs(const Task& task, std::span<const Shape> outputs) {
  switch (task.kind) {
    case TaskKind::kClassify:
    case TaskKind::kEmbed:
      if (outputs[0].pixels() == 1) return;
      refuse_file(Rule::kTaskOutput,
                  message("task is ", name_of(task.kind), ", the first output is ",
                          describe(outputs[0]), ", expected one position"));
    case TaskKind::kDetect:
      for (const LevelRule& level : task.detect.levels) {
        check_level(level, outputs, channels_with_labels(task, outputs));
      }
      return;
    default:
      return;
  }
}

}  // namespace edgebin
