// The rules of FORMAT.md by their codes. Whoever refuses a file says which rule it breaks, and the
// code stays what it is from release to release, while lines for people may change. It checks
// nothing itself.
#ifndef EDGEBIN_GRAPH_RULES_H_
#define EDGEBIN_GRAPH_RULES_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace edgebin {

// In the order of FORMAT.md's table, which says what each demands.
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
  kConstantZero,
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
  kArenaLimit,
  kWeightsLimit,
};

// Such as "container.magic".
std::string_view code_of(Rule rule);

// Of all rules, in their order.
std::span<const std::string_view> all_codes();

// Throws Error(kModelFile): the line with the code in brackets behind it.
[[noreturn]] void refuse_file(Rule rule, std::string_view line);

}  // namespace edgebin

#endif  // EDGEBIN_GRAPH_RULES_H_
