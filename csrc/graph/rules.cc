#include "graph/rules.h"

#include <array>

#include "base/error.h"

namespace edgebin {
namespace {

constexpr std::array kCodes = std::to_array<std::string_view>({
    "file.read",
    "container.size",
    "container.magic",
    "container.version",
    "container.header_size",
    "container.file_size",
    "container.checksum",
    "container.zero",
    "header.short",
    "header.count",
    "header.utf8",
    "header.end",
    "preprocessing.colour",
    "preprocessing.filter",
    "preprocessing.zero",
    "preprocessing.fit",
    "preprocessing.resize",
    "preprocessing.channels",
    "preprocessing.numbers",
    "labels.count",
    "tensor.type",
    "tensor.rank",
    "tensor.zero",
    "tensor.dimension",
    "tensor.elements",
    "tensor.bytes",
    "tensor.padding",
    "tensor.bits",
    "tensor.owner",
    "tensor.end",
    "input.count",
    "input.type",
    "input.dimension",
    "input.elements",
    "node.count",
    "node.name",
    "node.op",
    "node.inputs",
    "node.value",
    "node.type",
    "node.shape",
    "node.constant",
    "node.attribute",
    "node.output",
    "constant.type",
    "constant.shape",
    "constant.row",
    "constant.finite",
    "constant.thresholds",
    "constant.sign",
    "constant.range",
    "constant.zero",
    "constant.channels",
    "attribute.range",
    "conv.channels",
    "conv.groups",
    "window.kernel",
    "window.size",
    "window.padding",
    "output.count",
    "output.value",
    "output.type",
    "self_test.count",
    "task.kind",
    "task.size",
    "task.numbers",
    "task.output",
    "task.levels",
    "task.range",
    "arena.limit",
    "weights.limit",
});
static_assert(kCodes.size() == static_cast<std::size_t>(Rule::kWeightsLimit) + 1);

}  // namespace

std::string_view code_of(Rule rule) { return kCodes[static_cast<std::size_t>(rule)]; }

std::span<const std::string_view> all_codes() { return kCodes; }

void refuse_file(Rule rule, std::string_view line) {
  throw Error(ErrorKind::kModelFile, message(line, " [", code_of(rule), ']'), code_of(rule));
}

}  // namespace edgebin
