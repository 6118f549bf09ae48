// The floating-point environment that FORMAT.md requires: round to nearest, denormals preserved.
//
// It cannot be taken for granted: other libraries in the process may flush denormals to zero
// (torch.set_flush_denormal, anything linked with -ffast-math), and new threads inherit that.
#ifndef EDGEBIN_BASE_FLOAT_MODE_H_
#define EDGEBIN_BASE_FLOAT_MODE_H_

#include <cfenv>

namespace edgebin {

// Sets it for the calling thread.
inline void set_plain_floats() noexcept { std::fesetenv(FE_DFL_ENV); }

// Sets it for the calling thread and restores the previous environment on destruction.
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
