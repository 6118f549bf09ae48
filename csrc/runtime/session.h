// One arena and one set of threads, in which a program runs picture after picture. Whatever a run
// needs is allocated here beforehand: a run allocates nothing and throws nothing.
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

  // With threads that sessions share, of which only one may run at a time. Throws Error(kOption)
  // unless they are as many as the program's, which has scratch for each.
  Session(std::shared_ptr<const Program> program, std::shared_ptr<ThreadPool> pool);

  const Program& program() const { return *program_; }

  // One picture, of the graph's input shape; `outputs` holds, for each output of the graph, room
  // for its elements, or null where it is not wanted. Not from two threads at once.
  void run(const std::uint8_t* picture, float* const* outputs) noexcept;

  // As run(); adds to `times`, one for each of the program's stages, how long it took.
  void profile(const std::uint8_t* picture, float* const* outputs,
               std::span<std::chrono::nanoseconds> times) noexcept;

  // As run(); calls ran(stage), which throws nothing, after each stage. Of what the stage made,
  // value() shows the bytes until then.
  void watch(const std::uint8_t* picture, const std::function<void(std::size_t)>& ran) noexcept;
  std::span<const std::byte> value(int value) const {
    return program_->value_in(arena_.get(), value);
  }

  // `count` pictures one after the other; outputs likewise.
  void run_batch(const std::uint8_t* pictures, std::int64_t count, float* const* outputs) noexcept;

 private:
  struct Deleter {
    void operator()(std::byte* arena) const;
  };

  // Calls ran(stage) after each stage.
  template <class Ran>
  void run_stages(const std::uint8_t* picture, const Ran& ran) noexcept;
  void copy_outputs(float* const* outputs, std::int64_t index) const noexcept;

  std::shared_ptr<const Program> program_;
  std::unique_ptr<std::byte, Deleter> arena_;
  std::shared_ptr<ThreadPool> pool_;
  std::vector<std::span<const std::byte>> inputs_;  // of all stages, one stage after the other
  std::vector<std::span<std::byte>> outputs_;       // likewise
};

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_SESSION_H_
