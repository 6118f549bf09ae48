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
#include <span>
#include <string>
#include <vector>

namespace edgebin {

struct Options {
  std::string isa;  // "": the environment variable EDGEBIN_ISA if it is set, else the best there is
  int threads = 1;  // that one run uses
  bool pin = false;  // keep each started thread on a core of its own, the first left to the caller
};

// A value that enters or leaves the network.
struct ValueInfo {
  std::string name;
  int height = 1;
  int width = 1;
  int channels = 1;

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
};

// Safe to share between threads.
class Model {
 public:
  // Throws std::runtime_error, whose what() is one line, if the file is missing, damaged or
  // impossible, or an option has no such value.
  explicit Model(const std::string& path, const Options& options = {});
  ~Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  const ModelInfo& info() const;

  // One or more pictures, one after the other, each (height, width, channels) of info().input.
  // Returns for each output its elements of all pictures. Throws std::runtime_error if `pictures`
  // is not a whole number of pictures, or the system refuses memory or threads.
  std::vector<std::vector<float>> run(std::span<const std::uint8_t> pictures) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace edgebin

#endif  // EDGEBIN_MODEL_H_
