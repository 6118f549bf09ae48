// What a model consists of: its layers, their constants, and the steps that they run as.
#ifndef EDGEBIN_LAYERS_H_
#define EDGEBIN_LAYERS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace edgebin {

// A tensor that the file stores for a layer.
struct ConstantInfo {
  std::string type;                  // "bit", "s8", "i16", "i32" or "f32"
  std::vector<int> dims;             // one to four; the first counts rows
  std::span<const std::byte> bytes;  // as FORMAT.md stores them; valid as long as the model
};

// One operator, in the order of execution. Values are numbered: the inputs of the model first, then
// the output of each layer.
struct LayerInfo {
  std::string op;
  std::string name;
  std::vector<int> inputs;  // values
  std::map<std::string, std::int32_t> attributes;
  std::map<std::string, ConstantInfo> constants;  // by role, as "weights"

  // Of the output.
  std::string dtype;  // "u8", "code" or "f32"
  int height = 1;
  int width = 1;
  int channels = 1;

  std::int64_t macs = 0;           // multiply-accumulates per image, padding included
  int weight_bits = 0;             // per weight: 1, 8 or 32; 0 without weights
  std::size_t constant_bytes = 0;  // of all constants, as stored
};

// Layers that run as one step, because a convolution or linear layer absorbs what follows it.
struct StepInfo {
  std::vector<int> layers;  // numbers of layers; the first one has the kernel
  std::string kernel;       // of a convolution or linear layer, as "lookup_wide"; else empty
};

}  // namespace edgebin

#endif  // EDGEBIN_LAYERS_H_
