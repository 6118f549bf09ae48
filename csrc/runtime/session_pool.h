// Sessions of one program for any number of concurrent callers: each call borrows one that is idle
// or makes a new one. Sessions are kept until the pool goes. A forked child may go on calling.
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
  // Makes the first session, so that what the system refuses is refused here.
  explicit SessionPool(std::shared_ptr<const Program> program);

  const Program& program() const { return *program_; }

  // As Session::run_batch; safe from several threads at once. Throws as Session's constructor does.
  void run_batch(const std::uint8_t* pictures, std::int64_t count, float* const* outputs);

  // As Session::profile; likewise.
  void profile(const std::uint8_t* picture, float* const* outputs,
               std::span<std::chrono::nanoseconds> times);

  // As run_self_test; likewise.
  std::optional<Difference> verify();

 private:
  std::unique_ptr<Session> borrow();
  void give_back(std::unique_ptr<Session> session);

  std::shared_ptr<const Program> program_;
  std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_SESSION_POOL_H_
