// Whether this machine computes a model bit for bit as the oracle did when the file was written:
// the hash of every value that a run of the probe images leaves in memory is compared with the hash
// in the file. Values inside a fused step are not compared, only what the step makes of them.
#ifndef EDGEBIN_RUNTIME_FINGERPRINT_CHECK_H_
#define EDGEBIN_RUNTIME_FINGERPRINT_CHECK_H_

#include <optional>

#include "edgebin/model.h"
#include "runtime/session.h"

namespace edgebin {

// Returns the first value of the first image that differs, if any does. Throws Error(kModelFile) if
// the file has no fingerprint, std::bad_alloc if there is no memory for an
// image.
std::optional<Difference> check_fingerprint(Session& session);

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_FINGERPRINT_CHECK_H_
