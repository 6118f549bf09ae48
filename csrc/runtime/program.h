// A model file ready to run: mapped, parsed, checked, prepared for one instruction set, with an
// arena planned for a number of threads. Immutable and shared by all sessions, which run it.
#ifndef EDGEBIN_RUNTIME_PROGRAM_H_
#define EDGEBIN_RUNTIME_PROGRAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "edgebin/model.h"
#include "file/mapping.h"
#include "graph/network.h"
#include "kernels/kernels.h"
#include "ops/op.h"
#include "runtime/fusion.h"

namespace edgebin {

class Liveness;

// The largest arena that any network may have.
inline constexpr Bytes kMaxArenaBytes = Bytes{1} << 31;

class Program {
 public:
  // Throws Error(kModelFile), whose message starts with the path, or Error(kOption).
  static std::shared_ptr<const Program> load(const std::string& path, const Options& options);

  // As above, from the bytes of a file in memory, which must outlive the program.
  static std::shared_ptr<const Program> load(std::span<const std::byte> file,
                                             const Options& options);

  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Empty where the file lies in memory.
  const std::string& path() const { return path_; }
  const Network& network() const { return network_; }
  const kernels::Kernels& kernels() const { return kernels_; }
  int threads() const { return threads_; }
  bool pins() const { return pin_; }
  std::span<const std::byte> file() const { return file_; }
  std::size_t arena_bytes() const { return arena_bytes_; }

  // The most bytes alive at one step: no arena can be smaller.
  std::size_t live_bytes() const { return live_bytes_; }

  // The type of every value: the graph's inputs, then one per node.
  std::span<const ValueType> types() const { return types_; }

  // The type of output `index`, always f32.
  const ValueType& output_type(std::size_t index) const {
    return types_[network_.graph.outputs[index].value];
  }

  std::span<const GraphInput> inputs() const { return network_.graph.inputs; }

  // Whether the program has a copy of a graph input in its arena, where s8 becomes u8.
  bool is_copied(int value) const { return inputs()[value].type == InputType::kS8; }

  // What the file says, or else classify where the first output has one position, raw elsewhere.
  Task task() const;

  // The fused steps in the order of execution, and the prepared Step of each.
  std::span<const FusedStep> fused_steps() const { return fused_steps_; }
  const Step& step(std::size_t index) const { return *steps_[index]; }

  // The part of an arena that holds a value, and the scratch memory of a step. Of the graph's
  // inputs only those that are copied are there.
  std::span<std::byte> value_in(std::byte* arena, int value) const;
  std::span<std::byte> scratch_in(std::byte* arena, std::size_t index) const;

 private:
  struct Source {
    std::string path;                        // empty where the file lies in memory
    std::unique_ptr<const Mapping> mapping;  // null there
    std::span<const std::byte> bytes;
  };
  Program(Source source, const kernels::Kernels& kernels, const Options& options);

  void infer_types();
  void check_outputs() const;
  void check_task() const;
  void check_arena(Bytes bytes) const;
  void check_packed() const;
  void prepare_steps(const Options& options);
  void check_requested_kernels(const Options& options) const;
  void plan(const Liveness& liveness);

  const kernels::Kernels& kernels_;
  int threads_;
  bool pin_;
  Bytes max_arena_bytes_;
  std::string path_;
  std::unique_ptr<const Mapping> mapping_;  // null where the caller owns the file's bytes
  std::span<const std::byte> file_;
  Network network_;
  std::vector<ValueType> types_;
  std::vector<FusedStep> fused_steps_;
  std::vector<std::unique_ptr<const Step>> steps_;
  std::vector<std::size_t> value_offsets_;    // in the arena, by value; 0 of inputs not copied
  std::vector<std::size_t> scratch_offsets_;  // in the arena, by step
  std::size_t arena_bytes_ = 0;
  std::size_t live_bytes_ = 0;
};

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_PROGRAM_H_
