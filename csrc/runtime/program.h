// A model file made ready to run: mapped, read, checked, prepared for one implementation of the
// kernels, its arena planned for a number of threads. Immutable; sessions share it. It runs nothing
// itself.
#ifndef EDGEBIN_RUNTIME_PROGRAM_H_
#define EDGEBIN_RUNTIME_PROGRAM_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "file/mapping.h"
#include "graph/network.h"
#include "kernels/kernels.h"
#include "ops/op.h"
#include "runtime/fusion.h"

namespace edgebin {

class Lives;

struct ProgramOptions {
  std::string isa;  // as kernels::choose takes it
  int threads = 1;
  bool pin = false;  // threads to cores, as ThreadPool does

  // By name of a layer, the Step::kernel() that it shall run on; for others the program chooses.
  std::map<std::string, std::string, std::less<>> kernels;

  // As kernels::choose_conv_algo takes it. (Initialized for lists that leave it out, as in
  // Options.)
  std::string conv_algo = {};  // NOLINT(readability-redundant-member-init)
  // A network that needs a larger arena is refused; at most kMaxArenaBytes, and 0 is that.
  std::uint64_t max_arena_bytes = 0;
};

// What an arena may have at most.
inline constexpr Bytes kMaxArenaBytes = Bytes{1} << 31;

class Program {
 public:
  // Throws Error(kModelFile), which starts with the path, or Error(kOption).
  static std::shared_ptr<const Program> load(const std::string& path,
                                             const ProgramOptions& options);

  // The same from bytes in memory, which must outlive the program.
  static std::shared_ptr<const Program> load(std::span<const std::byte> file,
                                             const ProgramOptions& options);

  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const Network& network() const { return network_; }
  const kernels::Kernels& kernels() const { return kernels_; }
  int threads() const { return threads_; }
  bool pins() const { return pin_; }
  std::size_t file_bytes() const { return file_.size(); }
  std::size_t arena_bytes() const { return arena_bytes_; }
  std::size_t live_bytes() const { return live_bytes_; }  // the least that an arena can have

  // Of all values: the graph's inputs, then one per node.
  std::span<const ValueType> types() const { return types_; }

  // The type of output `index`; f32.
  const ValueType& output_type(std::size_t index) const {
    return types_[network_.graph.outputs[index].value];
  }

  std::size_t picture_bytes() const { return static_cast<std::size_t>(types_[0].shape.elements()); }

  // In the order of execution, and the step of each.
  std::span<const Stage> stages() const { return stages_; }
  const Step& step(std::size_t stage) const { return *steps_[stage]; }

  // Where the arena holds what.
  std::span<std::byte> value_in(std::byte* arena, int value) const;
  std::span<std::byte> scratch_in(std::byte* arena, std::size_t stage) const;

 private:
  Program(std::unique_ptr<const Mapping> mapping, std::span<const std::byte> file,
          const kernels::Kernels& kernels, const ProgramOptions& options);

  void infer_types();
  void check_outputs() const;
  void check_labels() const;
  void check_arena(Bytes bytes) const;
  void check_packed() const;
  void prepare_steps(const ProgramOptions& options);
  void check_wishes(const ProgramOptions& options) const;
  void plan(const Lives& values);

  const kernels::Kernels& kernels_;
  int threads_;
  bool pin_;
  Bytes max_arena_bytes_;
  std::unique_ptr<const Mapping> mapping_;  // null where the file is the caller's
  std::span<const std::byte> file_;
  Network network_;
  std::vector<ValueType> types_;
  std::vector<Stage> stages_;
  std::vector<std::unique_ptr<const Step>> steps_;
  std::vector<std::size_t> value_offsets_;    // of the nodes' values
  std::vector<std::size_t> scratch_offsets_;  // by stage
  std::size_t arena_bytes_ = 0;
  std::size_t live_bytes_ = 0;
};

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_PROGRAM_H_
