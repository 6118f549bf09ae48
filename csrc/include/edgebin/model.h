// The public face of edgebin for C++: load an `.ebn` file, ask what it is, run pictures through it.
// It decodes no pictures and draws no conclusions: pixels go in, the network's numbers come out.
//
//   const edgebin::Model model("resnet18.ebn", {.threads = 4});
//   std::vector<std::uint8_t> pixels = ...;  // model.info().input, channels innermost
//   std::vector<float> scores = model.run(pixels)[0];
#ifndef EDGEBIN_MODEL_H_
#define EDGEBIN_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace edgebin {

struct Options {
  std::string isa;  // "": the environment variable EDGEBIN_ISA if it is set, else the best there is
  int threads = 1;  // that one run uses
  bool pin = false;  // keep each started thread on a core of its own, the first left to the caller

  // The algorithm of convolutions of codes and bits, where a layer suits both: "lookup" or
  // "bit_serial". "": the environment variable EDGEBIN_CONV_ALGO if it is set, else the faster one.
  // (Without its initializer gcc warns of every list that leaves it out.)
  std::string conv_algo = {};  // NOLINT(readability-redundant-member-init)
  // A network that needs more working memory for one run is refused, before it is allocated.
  std::uint64_t max_arena_bytes = 0;  // 1 to 2^31; 0 is 2^31
};

// A value that enters or leaves the network.
struct ValueInfo {
  std::string name;
  int height = 1;
  int width = 1;
  int channels = 1;
  bool probabilities = false;  // an output of the operator softmax, reshaped or not

  std::size_t elements() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
           static_cast<std::size_t>(channels);
  }
};

struct ModelInfo {
  std::string name;
  std::string producer;
  ValueInfo input;                 // u8
  std::vector<ValueInfo> outputs;  // f32
  std::vector<std::string> labels;
  std::string colour;        // of the input: "rgb", "bgr" or "grey"
  std::string filter;        // of the resize: "nearest", "bilinear", "bicubic" or "lanczos"
  std::uint32_t resize = 0;  // short side before the centre crop; 0 stretches to the input size
  std::string isa;
  int threads = 1;
  std::size_t file_bytes = 0;
  std::size_t arena_bytes = 0;  // of working memory, for each concurrent run
  std::size_t self_tests = 0;   // pictures with which the file can be verified
};

// Where a machine does not do what a file says: the first value that has another hash.
struct Difference {
  std::string layer;   // that computes it
  std::string ops;     // of what runs as one step: "conv + add + quantize"
  std::string value;   // the node in that step whose value it is
  std::string kernel;  // of a convolution or linear layer, as "lookup_wide"; else empty
  std::string isa;
  int threads = 1;
  int picture = 0;  // number of the test picture
  std::uint32_t expected = 0;
  std::uint32_t found = 0;
};

// One line.
std::string describe(const Difference& difference);

// Safe to share between threads.
class Model {
 public:
  // Throws std::runtime_error, whose what() is one line, if the file is missing, damaged or
  // impossible, or an option has no such value. The line of a refused file ends with the code of
  // the rule that it breaks, as FORMAT.md lists them: "[container.magic]".
  explicit Model(const std::string& path, const Options& options = {});

  // The same from the bytes of such a file, which must outlive the model.
  explicit Model(std::span<const std::byte> file, const Options& options = {});
  ~Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  const ModelInfo& info() const;

  // One or more pictures, one after the other, each (height, width, channels) of info().input.
  // Returns for each output its elements of all pictures. Throws std::runtime_error if `pictures`
  // is not a whole number of pictures or the system refuses a thread, std::bad_alloc if it refuses
  // memory.
  std::vector<std::vector<float>> run(std::span<const std::uint8_t> pictures) const;

  // The same into the caller's memory: one span for each output, of just its elements of all
  // pictures, or empty where it is not wanted; std::runtime_error also where that is not so.
  void run(std::span<const std::uint8_t> pictures, std::span<const std::span<float>> outputs) const;

  // Runs the pictures of the file's self-test and compares what each layer makes of them, bit for
  // bit, with what the oracle made when the file was written. Throws std::runtime_error if the file
  // has no self-test, and as run() does.
  std::optional<Difference> verify() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Of edgebin: "0.1.0".
std::string version();

// Instruction sets that this build has and this machine can run, best first.
std::vector<std::string> isas();

// One way to run a model.
struct Combination {
  std::string isa;
  std::string conv_algo;  // "lookup" or "bit_serial"
  int threads = 1;
};

// All ways that differ on this machine: each instruction set, each convolution algorithm that it
// has, and numbers of threads from one to one more than the cores; or only those with the `isa` and
// the `threads` given. Throws std::runtime_error if there is no such instruction set.
std::vector<Combination> combinations(const std::string& isa = "", int threads = 0);

// What this process uses that a later release drops, one sentence each: an environment variable by
// its name in an earlier release. The library itself prints nothing.
std::vector<std::string> deprecations();

}  // namespace edgebin

#endif  // EDGEBIN_MODEL_H_
