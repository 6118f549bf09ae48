// Sets an environment variable for the duration of a test.
#ifndef EDGEBIN_TESTS_KERNELS_ENVIRONMENT_H_
#define EDGEBIN_TESTS_KERNELS_ENVIRONMENT_H_

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace edgebin::kernels {

class Environment {
 public:
  // A null `value` unsets it.
  Environment(std::string name, const char* value) : name_(std::move(name)) {
    if (const char* const old = std::getenv(name_.c_str())) old_ = old;
    set(value);
  }
  ~Environment() { set(old_ ? old_->c_str() : nullptr); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  void set(const char* value) const {
    if (value == nullptr) {
      unsetenv(name_.c_str());
    } else {
      setenv(name_.c_str(), value, 1);
    }
  }

  std::string name_;
  std::optional<std::string> old_;
};

}  // namespace edgebin::kernels

#endif  // EDGEBIN_TESTS_KERNELS_ENVIRONMENT_H_
