// Whether this machine makes of a model's test pictures, bit for bit, what the oracle made of them
// when the file was written: the hash of every value that a run has in memory against the file's.
// Values inside a stage are not looked at; what they lead to is.
#ifndef EDGEBIN_RUNTIME_FINGERPRINT_CHECK_H_
#define EDGEBIN_RUNTIME_FINGERPRINT_CHECK_H_

#include <optional>

#include "edgebin/model.h"
#include "runtime/session.h"

namespace edgebin {

// The first value of the first picture that differs, if there is one. Throws Error(kModelFile) if
// the file has no self-test, std::bad_alloc if the system refuses memory for a picture.
std::optional<Difference> run_self_test(Session& session);

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_FINGERPRINT_CHECK_H_
