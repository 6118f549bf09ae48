#include "ops/elementwise/quantizer.h"

namespace edgebin {

Quantizer::Quantizer(const Node& quantize, int channels)
    : stride(align_up(channels, kernels::kWordBits)),
      thresholds(thresholds_by_rank<float>(quantize.constants.at("thresholds"), stride)),
      sign(static_cast<std::size_t>(stride), 1.0f) {
  const auto signs = quantize.constants.find("sign");
  if (signs == quantize.constants.end()) return;
  for (int c = 0; c < channels; ++c) sign[c] = signs->second.element<std::int8_t>(c);
}

kernels::EpilogueTask<float> Quantizer::task(const float* values, int pixels,
                                             int channels) const noexcept {
  kernels::EpilogueTask<float> task{};
  task.sums = values;
  task.sum_step = channels;
  task.pixels = pixels;
  task.channels = channels;
  task.sign = sign.data();
  task.thresholds = thresholds.data();
  task.stride = stride;
  return task;
}

}  // namespace edgebin
