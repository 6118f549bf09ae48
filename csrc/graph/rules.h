// The rules of FORMAT.md and their codes. A refused file breaks one of them. Codes stay the same
// from release to release, while the wording of messages may change. The checks are made elsewhere.
#ifndef EDGEBIN_GRAPH_RULES_H_
#define EDGEBIN_GRAPH_RULES_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace edgebin {

// In the order of the table in FORMAT.md, which defines them.
enum class Rule : std::uint8_t {
  kFileRead,
  kContainerSize,
  kContainerMagic,
  kContainerVersion,
  kContainerHeaderSize,
  kContainerFileSize,
  kContainerChecksum,
  kContainerZero,
  kHeaderShort,
  kHeaderCount,
  kHeaderUtf8,
  kHeaderEnd,
  kPreprocessingColour,
  kPreprocessingFilter,
  kPreprocessingZero,
  kPreprocessingFit,
  kPreprocessingResize,
  kPreprocessingChannels,
  kPreprocessingNumbers,
  kLabelsCount,
  kTensorType,
  kTensorRank,
  kTensorZero,
  kTensorDimension,
  kTensorElements,
  kTensorBytes,
  kTensorPadding,
  kTensorBits,
  kTensorOwner,
  kTensorEnd,
  kInputCount,
  kInputType,
  kInputDimension,
  kInputElements,
  kNodeCount,
  kNodeName,
  kNodeOp,
  kNodeInputs,
  kNodeValue,
  kNodeType,
  kNodeShape,
  kNodeConstant,
  kNodeAttribute,
  kNodeOutput,
  kConstantType,
  kConstantShape,
  kConstantRow,
  kConstantFinite,
  kConstantThresholds,
  kConstantSign,
  kConstantRange,
  kConstantZero,
  kConstantChannels,
  kAttributeRange,
  kConvChannels,
  kConvGroups,
  kWindowKernel,
  kWindowSize,
  kWindowPadding,
  kOutputCount,
  kOutputValue,
  kOutputType,
  kSelfTestCount,
  kTaskKind,
  kTaskSize,
  kTaskNumbers,
  kTaskOutput,
  kTaskLevels,
  kTaskRange,
  kArenaLimit,
  kWeightsLimit,
};

// Returns the code of a rule, such as "container.magic".
std::string_view code_of(Rule rule);

// Returns the codes of all rules, in their order.
std::span<const std::string_view> all_codes();

// Throws Error(kModelFile) with the line, followed by the code in brackets.
[[noreturn]] void refuse_file(Rule rule, std::string_view line);

}  // namespace edgebin

#endif  // EDGEBIN_GRAPH_RULES_H_
