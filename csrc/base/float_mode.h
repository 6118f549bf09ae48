// How this thread computes with floating-point numbers: rounding to nearest, denormals as they are.
//
// FORMAT.md needs that, and cannot take it for granted. Other libraries of a process flush
// denormals to zero (torch.set_flush_denormal, all that is linked with -ffast-math), and a thread
// inherits it.
#ifndef EDGEBIN_BASE_FLOAT_MODE_H_
#define EDGEBIN_BASE_FLOAT_MODE_H_

#include <cfenv>

namespace edgebin {

// For a thread of our own, for ever.
inline void set_plain_floats() noexcept { std::fesetenv(FE_DFL_ENV); }

// For the calling thread, as long as this lives.
class PlainFloats {
 public:
  PlainFloats() noexcept {
    std::fegetenv(&before_);
    set_plain_floats();
  }
  ~PlainFloats() { std::fesetenv(&before_); }
  PlainFloats(const PlainFloats&) = delete;
  PlainFloats& operator=(const PlainFloats&) = delete;

 private:
  std::fenv_t before_{};
};

}  // namespace edgebin

#endif  // EDGEBIN_BASE_FLOAT_MODE_H_
