// The C++ interface of edgebin: load an `.ebn` file, query what it is, and run images through it.
// It decodes no image files and interprets no outputs: pixels go in, the network's numbers come
// out.
//
//   const edgebin::Model model("resnet18.ebn", {.threads = 4});
//   std::vector<std::uint8_t> pixels = ...;  // model.info().input, channels innermost
//   std::vector<float> scores = model.run(pixels)[0];
#ifndef EDGEBIN_MODEL_H_
#define EDGEBIN_MODEL_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "edgebin/layers.h"

namespace edgebin {

struct Options {
  // Instruction set, one of isas(). "": the environment variable EDGEBIN_ISA if it is set, else the
  // best of this machine.
  std::string isa;
  int threads = 1;   // threads that one run uses, 1 to 256
  bool pin = false;  // pin each started thread to a core of its own; the first is the caller's

  // The algorithm of convolutions of codes and bits, for layers that it serves: "matrix_tiles" (of
  // AMX), "lookup" or "bit_serial". "": the environment variable EDGEBIN_CONV_ALGO if it is set,
  // else the fastest. (Without the initializers gcc warns of every list that leaves these out.)
  std::string conv_algo = {};  // NOLINT(readability-redundant-member-init)
  // A network that needs more working memory for one run is refused before it is allocated.
  std::uint64_t max_arena_bytes = 0;  // 1 to 2^31; 0 is 2^31

  // By layer name, the kernel to run it on, as StepInfo names it. For all other layers the fastest
  // is chosen. All kernels give the same bits.
  // NOLINTNEXTLINE(readability-redundant-member-init)
  std::map<std::string, std::string, std::less<>> kernels = {};
};

// A value that enters or leaves the network.
struct ValueInfo {
  std::string name;
  int height = 1;
  int width = 1;
  int channels = 1;
  bool probabilities = false;  // an output of the operator softmax, flattened or not
  int value = 0;               // its number, as in LayerInfo::inputs
  std::string dtype = "f32";   // of the caller's elements: "u8", "s8" or "f32"; outputs are f32

  std::size_t elements() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
           static_cast<std::size_t>(channels);
  }
  std::size_t bytes() const { return elements() * (dtype == "f32" ? sizeof(float) : 1); }
};

// One resolution of a detector: positions `stride` pixels apart, with a box each and a score for
// each class. `boxes` and `scores` are numbers of outputs.
struct DetectLevel {
  std::uint32_t stride = 1;
  std::size_t boxes = 0;
  std::size_t scores = 0;
};

// How a detector's outputs become boxes, as FORMAT.md says.
struct DetectInfo {
  std::string form;         // of boxes: "ltrb" or "centre"
  bool class_aware = true;  // boxes of different classes do not suppress each other
  float iou_threshold = 0;  // a box that overlaps a better one by more is suppressed
  std::size_t candidates = 0;
  std::size_t max_boxes = 0;  // of one image
  std::vector<DetectLevel> levels;
};

struct ModelInfo {
  std::string name;
  std::string producer;
  ValueInfo input;                // the first one
  std::vector<ValueInfo> inputs;  // 1 to 16
  std::vector<ValueInfo> outputs;
  std::vector<std::string> labels;
  std::string colour;        // of the input: "rgb", "bgr" or "grey"
  std::string filter;        // of the resize: "nearest", "bilinear", "bicubic" or "lanczos"
  std::uint32_t resize = 0;  // short side before the centre crop; 0 stretches to the input size
  bool letterbox = false;    // instead: the whole image, its aspect kept, centred on `fill`
  std::uint8_t fill = 0;
  std::string task = "classify";     // or "detect", "segment", "embed", "raw"
  float temperature = 1;             // of "classify": scores are softmax(logits / temperature)
  float threshold = 0;               // of "classify": below this best score it is no class; of
                                     // "detect": boxes of a lower score are left out
  std::optional<DetectInfo> detect;  // of "detect"
  std::vector<float> mean;   // and scale: the normalisation of training per channel, in units of
  std::vector<float> scale;  // 0..1, for information: the network has it folded in; empty if the
                             // first input is no image
  std::string isa;
  int threads = 1;
  std::size_t file_bytes = 0;
  std::size_t arena_bytes = 0;   // working memory of each concurrent run
  std::size_t live_bytes = 0;    // the most bytes in use at once: no arena can be smaller
  std::size_t probe_images = 0;  // number of images with which the file can be verified
};

// One image of the fingerprint of FORMAT.md: the seed that it is drawn from and the hash of every
// value that the oracle computed from it, by number.
struct ProbeInfo {
  std::uint32_t seed = 0;
  std::vector<std::uint32_t> hashes;
};

// Where a machine computes other bits than the file promises: the first value with another hash.
struct Difference {
  std::string layer;   // that computes the value
  std::string ops;     // of the step that the layer runs in: "conv + add + quantize"
  std::string value;   // the layer in that step whose output it is
  std::string kernel;  // of a convolution or linear layer, as "lookup_wide"; else empty
  std::string isa;
  int threads = 1;
  int image = 0;  // number of the probe image
  std::uint32_t expected = 0;
  std::uint32_t found = 0;

  friend bool operator==(const Difference&, const Difference&) = default;
};

// Returns one line.
std::string describe(const Difference& difference);

// Thread-safe: may be shared between threads.
class Model {
 public:
  // Throws std::runtime_error, whose what() is one line, if the file is missing, damaged or
  // impossible, or an option is invalid. The line of a refused file ends with the code of the rule
  // of FORMAT.md that it breaks: "[container.magic]".
  explicit Model(const std::string& path, const Options& options = {});

  // As above, from the bytes of a file in memory, which must outlive the model.
  explicit Model(std::span<const std::byte> file, const Options& options = {});
  ~Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  const ModelInfo& info() const;

  // The bytes of the file, as it is now where the model was loaded by path: reading beyond the end
  // of a file that was truncated meanwhile ends the process.
  std::span<const std::byte> file() const;

  // Runs one or more images that lie one after the other, each (height, width, channels) of
  // info().input. Returns, for each output, its elements for all images. Throws std::runtime_error
  // if `images` is not a whole number of images or no thread can be started, std::bad_alloc if
  // there is not enough memory.
  std::vector<std::vector<float>> run(std::span<const std::uint8_t> images) const;

  // As above, into the caller's memory: one span for each output, with exactly its elements for all
  // images, or an empty one where it is not wanted. Throws std::runtime_error also if a span has
  // another size.
  void run(std::span<const std::uint8_t> images, std::span<const std::span<float>> outputs) const;

  // As above, for inputs of any number and type: the bytes of each of info().inputs, for the same
  // number of images. Those of f32 start at a multiple of four. The two above take networks of one
  // u8 input only.
  std::vector<std::vector<float>> run(std::span<const std::span<const std::byte>> inputs) const;
  void run(std::span<const std::span<const std::byte>> inputs,
           std::span<const std::span<float>> outputs) const;

  // Runs images one by one and returns, for each image, the time of each step. Throws what run()
  // throws.
  std::vector<std::vector<std::chrono::nanoseconds>> profile(
      std::span<const std::uint8_t> images) const;
  std::vector<std::vector<std::chrono::nanoseconds>> profile(
      std::span<const std::span<const std::byte>> inputs) const;

  // Runs the probe images of the file's fingerprint and compares the output of every layer, bit for
  // bit, with what the oracle computed when the file was written. Throws std::runtime_error if the
  // file has no fingerprint, and what run() throws.
  std::optional<Difference> verify() const;

  // The contents of the model, in the order of execution.
  std::vector<LayerInfo> layers() const;
  std::vector<StepInfo> steps() const;

  // The fingerprint of the file; empty if it has none.
  std::vector<ProbeInfo> fingerprint() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The version of edgebin, as "0.1.0".
std::string version();

// Instruction sets that this build has and this machine can run, best first.
std::vector<std::string> isas();

// The algorithm that Options::conv_algo "" selects for an instruction set, "" being the default
// one. Throws std::runtime_error if there is no such instruction set, or if EDGEBIN_CONV_ALGO is
// invalid.
std::string conv_algo(const std::string& isa = "");

// The ARM core that the calling thread runs on, as "cortex-a72"; "" where it is not known.
std::string cpu_core();

// The family of each operator, by name.
std::map<std::string, std::string> operator_families();

// Codes of all rules that a file may break, in the order of FORMAT.md.
std::vector<std::string> rule_codes();

// Pins the calling thread to the core that Options::pin leaves to it.
void pin_caller() noexcept;

// Measures which share of its core the calling thread gets, in about 20 microseconds: close to 1 if
// it has the core alone, about 0.6 if another hyperthread is busy there, even one of another
// virtual machine. Empty on machines other than x86-64 with AVX2.
std::optional<double> core_share() noexcept;

// One way to run a model.
struct Combination {
  std::string isa;
  std::string conv_algo;  // "matrix_tiles", "lookup" or "bit_serial"
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
