// One arena and one set of threads in which a program runs one image after the other. Everything
// that a run needs is allocated in advance: a run allocates nothing and throws nothing.
#ifndef EDGEBIN_RUNTIME_SESSION_H_
#define EDGEBIN_RUNTIME_SESSION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "runtime/program.h"

namespace edgebin {

class Session {
 public:
  // Throws Error(kOption) if the system refuses a thread, std::bad_alloc if it refuses the memory.
  explicit Session(const std::shared_ptr<const Program>& program);

  // With a thread pool that several sessions share; only one of them may run at a time. Throws
  // Error(kOption) unless the pool has as many threads as the program has scratch memory for.
  Session(std::shared_ptr<const Program> program, std::shared_ptr<ThreadPool> pool);

  const Program& program() const { return *program_; }

  // Runs one image. `inputs` holds one pointer per graph input to its elements, those of f32 at a
  // multiple of 4 bytes; `outputs` one per graph output to memory for its elements, or null for an
  // output that is not wanted. Not thread-safe.
  void run(const std::byte* const* inputs, float* const* outputs) noexcept;

  // As run(), and adds the time of each fused step to its entry of `times`.
  void profile(const std::byte* const* inputs, float* const* outputs,
               std::span<std::chrono::nanoseconds> times) noexcept;

  // As run(), and calls on_step(index), which must not throw, after each fused step. Inside that
  // call value() returns the bytes of the values that the step has written.
  void observe(const std::byte* const* inputs,
               const std::function<void(std::size_t)>& on_step) noexcept;
  std::span<const std::byte> value(int value) const {
    return program_->value_in(arena_.get(), value);
  }

  // Runs `count` images. Those of an input lie one after the other in memory, and so do outputs.
  void run_batch(const std::byte* const* inputs, std::int64_t count,
                 float* const* outputs) noexcept;

 private:
  struct Deleter {
    void operator()(std::byte* arena) const;
  };

  // Where a step reads an input of the graph.
  struct InputUse {
    std::size_t at;  // in inputs_
    int input;
  };

  // Lets all steps read image `index` of the graph's inputs.
  void bind(const std::byte* const* inputs, std::int64_t index) noexcept;

  // Runs image `index` and calls on_step(step) after each fused step.
  template <class OnStep>
  void run_steps(const std::byte* const* inputs, std::int64_t index,
                 const OnStep& on_step) noexcept;
  void copy_outputs(float* const* outputs, std::int64_t index) const noexcept;

  std::shared_ptr<const Program> program_;
  std::unique_ptr<std::byte, Deleter> arena_;
  std::shared_ptr<ThreadPool> pool_;
  std::vector<std::span<const std::byte>> inputs_;  // of all steps, in order
  std::vector<InputUse> uses_;                      // of the graph's inputs that are not copied
  std::vector<std::span<std::byte>> outputs_;       // of all steps, in order
};

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_SESSION_H_
