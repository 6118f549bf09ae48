// Writes .ebn files for tests of networks that no exporter would make: with any dimensions, and
// with tensors that may be missing. Checksum and size are right.
#ifndef EDGEBIN_TESTS_RUNTIME_WRITTEN_H_
#define EDGEBIN_TESTS_RUNTIME_WRITTEN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/hostile.h"

namespace edgebin {

struct WrittenTensor {
  std::uint8_t type;  // as in FORMAT.md
  std::vector<std::uint32_t> dims;
  std::vector<std::byte> bytes;
};

struct WrittenNode {
  std::string op;
  std::vector<std::uint32_t> inputs;  // values: 0 is the image, 1 the first node
  std::vector<std::pair<std::string, std::uint32_t>> constants;
  std::vector<std::pair<std::string, std::int32_t>> attributes;
};

struct WrittenInput {
  std::uint8_t type;
  std::vector<std::uint32_t> shape;  // height, width, channels
};

struct WrittenNetwork {
  std::vector<std::uint32_t> input;  // height, width, channels
  std::vector<WrittenTensor> tensors;
  std::vector<WrittenNode> nodes;
  std::uint32_t version = 1;
  std::uint8_t input_type = 0;  // u8; from version 3 on
  std::vector<WrittenInput> more_inputs = {};
  std::optional<std::uint32_t> output = {};  // a value; else that of the last node
};

inline WrittenTensor floats(const std::vector<std::uint32_t>& dims,
                            const std::vector<float>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {4, dims, {bytes.begin(), bytes.end()}};
}

class Writer {
 public:
  template <class T>
  void number(T value) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof value);
    put(bytes_, at, value);
  }

  void text(std::string_view value) {
    number(static_cast<std::uint16_t>(value.size()));
    bytes(std::as_bytes(std::span(value)));
  }

  void bytes(std::span<const std::byte> value) {
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }

  void pad() { bytes_.resize((bytes_.size() + 63) / 64 * 64); }

  std::vector<std::byte>& file() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

inline void write_node(Writer& out, const WrittenNode& node, std::size_t index) {
  out.text(node.op);
  out.text("node" + std::to_string(index));
  out.number(static_cast<std::uint8_t>(node.inputs.size()));
  for (const std::uint32_t value : node.inputs) out.number(value);
  out.number(static_cast<std::uint8_t>(node.constants.size()));
  for (const auto& [role, tensor] : node.constants) {
    out.text(role);
    out.number(tensor);
  }
  out.number(static_cast<std::uint8_t>(node.attributes.size()));
  for (const auto& [key, value] : node.attributes) {
    out.text(key);
    out.number(value);
  }
}

inline void write_inputs(Writer& out, const WrittenNetwork& network) {
  std::vector<WrittenInput> inputs = {{network.input_type, network.input}};
  inputs.insert(inputs.end(), network.more_inputs.begin(), network.more_inputs.end());
  out.number(static_cast<std::uint32_t>(inputs.size()));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    out.text(i == 0 ? "image" : "image" + std::to_string(i));
    if (network.version >= 3) out.number(inputs[i].type);
    for (const std::uint32_t size : inputs[i].shape) out.number(size);
  }
}

// The last node is the output.
inline std::vector<std::byte> written(const WrittenNetwork& network) {
  Writer out;
  out.number(std::uint64_t{0x0a1a0a0d4e424589});  // the magic
  out.number(network.version);
  out.file().resize(kPrefix);
  out.text("written");
  out.text("by hand");
  for (const std::uint32_t field : {0u, 0u}) out.number(field);  // rgb, nearest; no resize
  const std::uint32_t channels = network.input_type == 0 ? network.input[2] : 0;
  out.number(static_cast<std::uint16_t>(channels));
  for (const float number : {0.0f, 1.0f}) {  // mean and scale
    for (std::uint32_t c = 0; c < channels; ++c) out.number(number);
  }
  out.number(std::uint32_t{0});  // labels
  out.number(static_cast<std::uint32_t>(network.tensors.size()));
  for (const WrittenTensor& tensor : network.tensors) {
    out.number(tensor.type);
    out.number(static_cast<std::uint8_t>(tensor.dims.size()));
    out.number(std::uint16_t{0});
    for (const std::uint32_t size : tensor.dims) out.number(size);
  }
  write_inputs(out, network);
  out.number(static_cast<std::uint32_t>(network.nodes.size()));
  for (std::size_t i = 0; i < network.nodes.size(); ++i) write_node(out, network.nodes[i], i);
  out.number(std::uint32_t{1});
  out.text("output");
  const auto last = static_cast<std::uint32_t>(network.more_inputs.size() + network.nodes.size());
  out.number(network.output.value_or(last));
  if (network.version > 1) out.number(std::uint32_t{0});  // fingerprints
  if (network.version >= 3) {                             // the task: raw
    out.number(std::uint8_t{4});
    out.number(std::uint32_t{0});
  }
  put(out.file(), 12, static_cast<std::uint32_t>(out.file().size() - kPrefix));
  out.pad();
  for (const WrittenTensor& tensor : network.tensors) {
    out.pad();
    out.bytes(tensor.bytes);
  }
  seal(out.file());
  return out.file();
}

}  // namespace edgebin

#endif  // EDGEBIN_TESTS_RUNTIME_WRITTEN_H_
