#include "file/reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/crc32.h"
#include "base/error.h"
#include "file/cursor.h"
#include "file/fingerprint.h"
#include "file/task.h"
#include "file/tensors.h"

namespace edgebin {
namespace {

// Elements are copied from the mapping with memcpy, so the machine must have the file's byte order.
static_assert(std::endian::native == std::endian::little, "tensors are little-endian");

constexpr std::array<unsigned char, 8> kMagic = {0x89, 'E', 'B', 'N', 0x0d, 0x0a, 0x1a, 0x0a};
constexpr std::uint32_t kVersion = 3;
constexpr std::uint32_t kVersionWithoutFingerprint = 1;
constexpr std::uint32_t kVersionThatChecksPrefix = 3;
constexpr std::uint32_t kVersionOfTypedInputs = 3;
constexpr std::uint32_t kVersionOfTasks = 3;
constexpr std::uint32_t kVersionOfLetterbox = 3;
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kChecksumAt = 24;
constexpr std::size_t kPrefixSize = 32;
constexpr std::uint32_t kMaxHeaderSize = 16 << 20;

// The smallest size in bytes of an entry in each list of the header.
constexpr std::size_t kMinString = 2;
constexpr std::size_t kMinInput = 2 + 3 * 4;
constexpr std::size_t kMinNode = 2 + 2 + 1 + 1 + 1;
constexpr std::size_t kMinOutput = 2 + 4;

constexpr std::size_t kMaxNodes = 1 << 14;
constexpr std::size_t kMaxInputs = 16;

// Limits for entries that take far more memory than bytes of the file.
constexpr std::size_t kMaxLabels = 1 << 18;
constexpr int kMaxRoles = 16;
constexpr int kMaxKeys = 16;

// Since version 3 the checksum covers the fields before it, too.
std::uint32_t checksum_of(std::span<const std::byte> file, std::uint32_t version) {
  const std::size_t before = version < kVersionThatChecksPrefix ? 0 : kChecksumAt;
  return crc32(file.subspan(kPrefixSize), crc32(file.first(before)));
}

// Checks the fixed prefix and returns the bytes of the header.
std::span<const std::byte> check_container(std::span<const std::byte> file) {
  if (file.size() < kPrefixSize) {
    refuse_file(Rule::kContainerSize,
                message("has ", file.size(), " bytes, an .ebn file has at least ", kPrefixSize));
  }
  const bool magic = std::ranges::equal(file.first(kMagic.size()), kMagic, {}, [](std::byte b) {
    return std::to_integer<unsigned char>(b);
  });
  if (!magic) refuse_file(Rule::kContainerMagic, "does not start with the magic of an .ebn file");
  Cursor cursor(file.subspan(kMagic.size(), kPrefixSize - kMagic.size()), kMagic.size());
  const std::uint32_t version =
      cursor.within(Rule::kContainerVersion, "version", kVersionWithoutFingerprint, kVersion);
  const std::size_t header_size =
      cursor.within(Rule::kContainerHeaderSize, "header size", 0, kMaxHeaderSize);
  const std::uint64_t file_size = cursor.u64("file size");
  if (file_size != file.size()) {
    refuse_file(Rule::kContainerFileSize,
                message("header says ", file_size, " bytes, the file has ", file.size()));
  }
  const std::uint32_t stored = cursor.u32("checksum");
  cursor.zero(Rule::kContainerZero, "reserved field", 4);
  if (header_size > file.size() - kPrefixSize) {
    refuse_file(Rule::kContainerHeaderSize, message("header has ", header_size, " bytes, ",
                                                    file.size() - kPrefixSize, " are left"));
  }
  const std::uint32_t computed = checksum_of(file, version);
  if (stored != computed) {
    refuse_file(Rule::kContainerChecksum, message("checksum is ", hexadecimal(stored),
                                                  ", contents give ", hexadecimal(computed)));
  }
  return file.subspan(kPrefixSize, header_size);
}

// `file` has passed check_container.
std::uint32_t version_of(std::span<const std::byte> file) {
  return Cursor(file.subspan(kVersionAt, 4), kVersionAt).u32("version");
}

// Two bytes, which were zero before version 3.
void read_fit(Cursor& cursor, std::uint32_t version, Preprocessing& result) {
  if (version < kVersionOfLetterbox) {
    cursor.zero(Rule::kPreprocessingZero, "zero after filter", 2);
    return;
  }
  result.letterbox = cursor.below(Rule::kPreprocessingFit, "fit", 2) != 0;
  if (result.letterbox) {
    result.fill = cursor.u8("fill");
  } else {
    cursor.zero(Rule::kPreprocessingZero, "zero after fit", 1);
  }
}

Preprocessing read_preprocessing(Cursor& cursor, std::uint32_t version) {
  Preprocessing result;
  result.colour = cursor.one_of<Colour>(Rule::kPreprocessingColour, "colour", 3);
  result.filter = cursor.one_of<Filter>(Rule::kPreprocessingFilter, "filter", 4);
  read_fit(cursor, version, result);
  result.resize =
      cursor.within(Rule::kPreprocessingResize, "resize", 0, result.letterbox ? 0 : kMaxDimension);
  const int channels = cursor.u16("channels of mean and scale");
  for (int i = 0; i < channels; ++i) {
    result.mean.push_back(cursor.f32("mean"));
    if (std::isfinite(result.mean.back())) continue;
    cursor.fail(Rule::kPreprocessingNumbers, "mean", "is no finite number", 4);
  }
  for (int i = 0; i < channels; ++i) {
    result.scale.push_back(cursor.f32("scale"));
    if (std::isfinite(result.scale.back()) && result.scale.back() > 0.0f) continue;
    cursor.fail(Rule::kPreprocessingNumbers, "scale", "is no finite number above 0", 4);
  }
  return result;
}

std::vector<std::string> read_labels(Cursor& cursor) {
  const std::size_t count = cursor.count("label count", kMinString);
  if (count > kMaxLabels) {
    cursor.fail(Rule::kLabelsCount, "label count",
                message("is ", count, ", expected at most ", kMaxLabels), 4);
  }
  std::vector<std::string> labels(count);
  for (std::string& label : labels) label = cursor.str("label");
  return labels;
}

GraphInput read_input(Cursor& cursor, bool is_typed) {
  GraphInput input;
  input.name = cursor.str("input name");
  if (is_typed) {
    input.type = cursor.one_of<InputType>(Rule::kInputType, "input type", kInputTypes);
  }
  for (int* dimension : {&input.shape.h, &input.shape.w, &input.shape.c}) {
    *dimension =
        static_cast<int>(cursor.within(Rule::kInputDimension, "input dimension", 1, kMaxDimension));
  }
  return input;
}

std::vector<GraphInput> read_inputs(Cursor& cursor, std::uint32_t version) {
  const bool is_typed = version >= kVersionOfTypedInputs;
  const std::size_t most = is_typed ? kMaxInputs : 1;
  const std::size_t count = cursor.count("input count", kMinInput);
  if (count < 1 || count > most) {
    cursor.fail(Rule::kInputCount, "input count",
                message("is ", count, ", expected 1", is_typed ? " to 16" : ""), 4);
  }
  std::vector<GraphInput> inputs;
  double elements = 0;
  while (inputs.size() < count) {
    const Shape& shape = inputs.emplace_back(read_input(cursor, is_typed)).shape;
    elements += static_cast<double>(shape.pixels()) * shape.c;
    if (elements <= static_cast<double>(kMaxElements)) continue;
    cursor.fail(Rule::kInputElements, "input",
                message("is ", describe(shape), ", expected at most ", kMaxElements,
                        " elements of all inputs"));
  }
  return inputs;
}

// Checks that there is a mean and a scale for each channel of the first input, or that there is
// none where the network need not take images.
void check_channels(const Network& network) {
  const GraphInput& input = network.graph.inputs.front();
  const std::size_t found = network.preprocessing.mean.size();
  const bool is_image = input.type == InputType::kU8;
  if (found == 0 && network.version >= kVersionOfTypedInputs) return;
  if (is_image && std::cmp_equal(found, input.shape.c)) return;
  refuse_file(Rule::kPreprocessingChannels,
              message("mean and scale have ", found, " channels, input has ",
                      is_image ? message(input.shape.c) : "no images"));
}

// Hands out the tensors, each to exactly one node.
class TensorOwners {
 public:
  explicit TensorOwners(std::span<const Constant> tensors)
      : tensors_(tensors), taken_(tensors.size(), false) {}

  const Constant& take(Cursor& cursor) {
    const std::size_t index = cursor.u32("tensor of a constant");
    if (index >= tensors_.size()) {
      cursor.fail(Rule::kTensorOwner, "tensor of a constant",
                  message("is ", index, ", the file has ", tensors_.size(), " tensors"), 4);
    }
    if (taken_[index]) {
      cursor.fail(Rule::kTensorOwner, "tensor of a constant",
                  message("is ", index, ", used a second time"), 4);
    }
    taken_[index] = true;
    return tensors_[index];
  }

  void expect_all_taken() const {
    const auto idle = std::ranges::find(taken_, false);
    if (idle == taken_.end()) return;
    refuse_file(Rule::kTensorOwner,
                message("tensor ", idle - taken_.begin(), " belongs to no node"));
  }

 private:
  std::span<const Constant> tensors_;
  std::vector<bool> taken_;
};

// A value's number below `values`.
int read_value(Cursor& cursor, Rule rule, std::string_view field, std::size_t values) {
  const std::size_t value = cursor.u32(field);
  if (value >= values) {
    cursor.fail(rule, field, message("is ", value, ", expected less than ", values), 4);
  }
  return static_cast<int>(value);
}

// A u8, at most `most`.
int read_count(Cursor& cursor, Rule rule, std::string_view field, int most) {
  const int count = cursor.u8(field);
  if (count > most) {
    cursor.fail(rule, field, message("is ", count, ", expected at most ", most), 1);
  }
  return count;
}

// `values` are there before the node's own.
Node read_node(Cursor& cursor, std::size_t values, TensorOwners& tensors) {
  Node node;
  node.op = cursor.str("node op");
  node.name = cursor.str("node name");
  for (int left = cursor.u8("input count of a node"); left > 0; --left) {
    node.inputs.push_back(read_value(cursor, Rule::kNodeValue, "input of a node", values));
  }
  for (int left = read_count(cursor, Rule::kNodeConstant, "constant count", kMaxRoles); left > 0;
       --left) {
    const std::string role = cursor.str("role");
    if (!node.constants.emplace(role, tensors.take(cursor)).second) {
      cursor.fail(Rule::kNodeConstant, "role",
                  message(quoted(role), " is there twice in node ", quoted(node.name)));
    }
  }
  for (int left = read_count(cursor, Rule::kNodeAttribute, "attribute count", kMaxKeys); left > 0;
       --left) {
    const std::string key = cursor.str("key");
    if (!node.attributes.emplace(key, cursor.i32("attribute")).second) {
      cursor.fail(Rule::kNodeAttribute, "key",
                  message(quoted(key), " is there twice in node ", quoted(node.name)));
    }
  }
  return node;
}

std::vector<Node> read_nodes(Cursor& cursor, std::span<const GraphInput> inputs,
                             std::span<const Constant> tensors) {
  const std::size_t count = cursor.count("node count", kMinNode);
  if (count > kMaxNodes) {
    cursor.fail(Rule::kNodeCount, "node count",
                message("is ", count, ", expected at most ", kMaxNodes), 4);
  }
  TensorOwners owners(tensors);
  std::vector<Node> nodes;
  std::set<std::string> names;  // n log n for any names
  for (const GraphInput& input : inputs) {
    if (names.insert(input.name).second) continue;
    cursor.fail(Rule::kNodeName, "input name", message(quoted(input.name), " is there twice"));
  }
  for (std::size_t i = 0; i < count; ++i) {
    nodes.push_back(read_node(cursor, inputs.size() + i, owners));
    if (!names.insert(nodes.back().name).second) {
      cursor.fail(Rule::kNodeName, "node name",
                  message(quoted(nodes.back().name), " is there twice"));
    }
  }
  owners.expect_all_taken();
  return nodes;
}

std::vector<GraphOutput> read_outputs(Cursor& cursor, std::size_t values) {
  const std::size_t count = cursor.count("output count", kMinOutput);
  if (count == 0) {
    cursor.fail(Rule::kOutputCount, "output count", "is 0, expected at least 1", 4);
  }
  std::vector<bool> taken(values, false);
  std::vector<GraphOutput> outputs;
  for (std::size_t i = 0; i < count; ++i) {
    GraphOutput output;
    output.name = cursor.str("output name");
    output.value = read_value(cursor, Rule::kOutputValue, "output value", values);
    if (taken[output.value]) {
      cursor.fail(Rule::kOutputValue, "output value",
                  message("is ", output.value, ", used a second time"), 4);
    }
    taken[output.value] = true;
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace

Network read_network(std::span<const std::byte> file) {
  const auto header = check_container(file);
  Cursor cursor(header, kPrefixSize);
  Network network;
  network.version = version_of(file);
  network.name = cursor.str("network name");
  network.producer = cursor.str("producer");
  network.preprocessing = read_preprocessing(cursor, network.version);
  network.labels = read_labels(cursor);
  std::vector<Constant> tensors = read_tensor_table(cursor, file.size());
  place_tensors(file, kPrefixSize + header.size(), tensors);
  Graph& graph = network.graph;
  graph.inputs = read_inputs(cursor, network.version);
  check_channels(network);
  graph.nodes = read_nodes(cursor, graph.inputs, tensors);
  const std::size_t values = graph.inputs.size() + graph.nodes.size();
  graph.outputs = read_outputs(cursor, values);
  if (network.version > kVersionWithoutFingerprint) {
    network.fingerprint = read_fingerprint(cursor, values);
  }
  if (network.version >= kVersionOfTasks) network.task = read_task(cursor);
  cursor.expect_end();
  return network;
}

}  // namespace edgebin
