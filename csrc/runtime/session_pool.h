// Sessions of one program for any number of concurrent callers: each call borrows an idle session
// or makes a new one. Sessions are kept until the pool is destroyed. A forked child may use the
// pool.
#ifndef EDGEBIN_RUNTIME_SESSION_POOL_H_
#define EDGEBIN_RUNTIME_SESSION_POOL_H_

#include <memory>
#include <optional>
#include <vector>

#include "edgebin/model.h"
#include "runtime/session.h"

namespace edgebin {

class SessionPool {
 public:
  // Makes the first session, so that a lack of memory or threads shows here.
  explicit SessionPool(std::shared_ptr<const Program> program);

  const Program& program() const { return *program_; }

  // The following are thread-safe and throw what the constructor of Session throws.

  // As Session::run_batch.
  void run_batch(const std::byte* const* inputs, std::int64_t count, float* const* outputs);

  // As Session::profile.
  void profile(const std::byte* const* inputs, float* const* outputs,
               std::span<std::chrono::nanoseconds> times);

  // As check_fingerprint.
  std::optional<Difference> verify();

 private:
  std::unique_ptr<Session> borrow();
  void give_back(std::unique_ptr<Session> session);

  std::shared_ptr<const Program> program_;
  std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_SESSION_POOL_H_
