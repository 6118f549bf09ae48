// `take_channels`: the channels that a constant lists, in any order, each as often as it likes.
#include "ops/shape/gather.h"
#include "ops/shape/move.h"

namespace edgebin {
namespace {

std::vector<int> channels_of(const NodeView& view) {
  const Constant& listed = constant_of(view, "channels", {ConstantType::kI32}, {0});
  const int most = view.inputs[0].shape.c - 1;
  std::vector<int> channels(static_cast<std::size_t>(listed.elements()));
  for (std::size_t i = 0; i < channels.size(); ++i) {
    channels[i] = listed.element<std::int32_t>(static_cast<std::int64_t>(i));
    if (channels[i] >= 0 && channels[i] <= most) continue;
    refuse_move(view, Rule::kConstantChannels, "channel ", channels[i], " of the input");
  }
  return channels;
}

ValueType infer(const NodeView& view) {
  const ValueType& x = moved_input(view, {"channels"}, {});
  const auto count = static_cast<std::int64_t>(channels_of(view).size());
  return output_type(view, x.dtype, x.shape.h, x.shape.w, count);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  const ValueType& x = view.inputs[0];
  return make_gather(view,
                     {AxisMap::along({}, x.shape.h), AxisMap::along({}, x.shape.w),
                      ChannelMap(x, channels_of(view))},
                     kernels);
}

}  // namespace

extern const Op kTakeChannels;
constinit const Op kTakeChannels = move_op("take_channels", infer, prepare);

}  // namespace edgebin
