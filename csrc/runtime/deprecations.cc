// Names of earlier releases that this process still uses.
#include <string>
#include <vector>

#include "edgebin/model.h"
#include "kernels/conv_algo.h"

namespace edgebin {

std::vector<std::string> deprecations() {
  std::vector<std::string> found;
  if (kernels::reads_old_variable()) {
    found.push_back(std::string(kernels::kOldConvAlgoVariable) + " is deprecated, use " +
                    kernels::kConvAlgoVariable);
  }
  return found;
}

}  // namespace edgebin
