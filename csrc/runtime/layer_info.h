// Describes a program's layers and steps as the public interface shows them.
#ifndef EDGEBIN_RUNTIME_LAYER_INFO_H_
#define EDGEBIN_RUNTIME_LAYER_INFO_H_

#include <vector>

#include "edgebin/layers.h"
#include "runtime/program.h"

namespace edgebin {

// One entry per node. The constants are views of the program's file.
std::vector<LayerInfo> layers_of(const Program& program);

// One entry per fused step.
std::vector<StepInfo> steps_of(const Program& program);

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_LAYER_INFO_H_
