// Whether the outputs of a network suit its task.
#ifndef EDGEBIN_RUNTIME_TASK_OUTPUTS_H_
#define EDGEBIN_RUNTIME_TASK_OUTPUTS_H_

#include <span>

#include "graph/network.h"
#include "graph/types.h"

namespace edgebin {

// `outputs` are the shapes of the network's outputs. Throws Error(kModelFile) if the task cannot be
// read from them.
void check_task_outputs(const Task& task, std::span<const Shape> outputs);

// How many channels there are that labels can name: those of the first output, or of a detector's
// scores. `outputs` have been checked.
int channels_with_labels(const Task& task, std::span<const Shape> outputs);

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_TASK_OUTPUTS_H_
