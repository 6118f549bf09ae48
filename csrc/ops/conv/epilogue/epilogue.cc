#include "ops/conv/epilogue/epilogue.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "ops/constants.h"

namespace edgebin {
namespace {

template <class Sum>
kernels::ThresholdFn<Sum> threshold_of(const kernels::Kernels& kernels) {
  if constexpr (std::is_same_v<Sum, std::int16_t>) return kernels.threshold_i16;
  if constexpr (std::is_same_v<Sum, std::int32_t>) return kernels.threshold_i32;
  return nullptr;
}

template <class Sum>
kernels::EpilogueFn<Sum> epilogue_of(const kernels::Kernels& kernels) {
  if constexpr (std::is_same_v<Sum, std::int16_t>) return kernels.epilogue_i16;
  if constexpr (std::is_same_v<Sum, std::int32_t>) return kernels.epilogue_i32;
  if constexpr (std::is_same_v<Sum, float>) return kernels.epilogue_f32;
}

}  // namespace

template <class Sum>
Epilogue<Sum>::Epilogue(const ConvSpec& spec, const kernels::Kernels& kernels)
    : threshold_(threshold_of<Sum>(kernels)),
      epilogue_(epilogue_of<Sum>(kernels)),
      channels_(spec.geometry.out.c),
      stride_(align_up(channels_, kernels::kWordBits)),
      scale_(static_cast<std::size_t>(channels_), 1.0f),
      bias_(spec),
      add_(spec.post_ops.add),
      f32_output_(spec.post_ops.f32_output) {
  if (spec.thresholds != nullptr) thresholds_ = thresholds_by_rank<Sum>(*spec.thresholds, stride_);
  for (int n = 0; spec.scale != nullptr && n < channels_; ++n) {
    scale_[n] = spec.scale->element<float>(n);
  }
  if (spec.post_ops.quantize != nullptr) quantizer_.emplace(*spec.post_ops.quantize, channels_);
}

// Rounding is monotone, so f32(sum), its product with the finite scale, and the sum with a finite
// bias are. Zeros of both signs occur only where the bias is -0: any other bias gives +0 where the
// product cancels it.
template <class Sum>
bool Epilogue<Sum>::is_monotone() const noexcept {
  const auto harmless = [](float bias) {
    return std::isfinite(bias) && (bias != 0.0f || !std::signbit(bias));
  };
  return std::ranges::all_of(bias_.values(), harmless);
}

template <class Sum>
void Epilogue<Sum>::store(const SumTile<Sum>& tile, const Buffers& buffers) const noexcept {
  if (!thresholds_.empty()) {
    store_codes(tile, elements_of<Word>(buffers.outputs[0]));
    return;
  }
  SumTile<Sum> run = tile;
  for (int left = tile.pixels; left > 0; left -= run.pixels) {
    const auto [bias, pixels] = bias_.run_at(run.pixel);
    run.pixels = std::min(pixels, left);
    store_f32(run, bias, buffers);
    run.pixel += run.pixels;
    run.output_pixel += run.pixels;
    run.sums += run.pixels * run.step;
  }
}

template <class Sum>
kernels::CodesOut Epilogue<Sum>::codes_of(const SumTile<Sum>& tile, Word* codes) const noexcept {
  kernels::CodesOut out = codes_at(codes, tile.output_pixel, channels_);
  out.words += tile.first_channel / kernels::kWordBits;
  return out;
}

template <class Sum>
void Epilogue<Sum>::store_codes(const SumTile<Sum>& tile, Word* codes) const noexcept {
  threshold_({.sums = tile.sums,
              .sum_step = tile.step,
              .pixels = tile.pixels,
              .channels = tile.channels,
              .thresholds = thresholds_.data() + tile.first_channel,
              .stride = stride_,
              .codes = codes_of(tile, codes)});
}

template <class Sum>
void Epilogue<Sum>::store_f32(const SumTile<Sum>& tile, const float* bias,
                              const Buffers& buffers) const noexcept {
  const std::ptrdiff_t at = std::ptrdiff_t{tile.output_pixel} * channels_ + tile.first_channel;
  kernels::EpilogueTask<Sum> task{};
  task.sums = tile.sums;
  task.sum_step = tile.step;
  task.pixels = tile.pixels;
  task.channels = tile.channels;
  task.scale = scale_.data() + tile.first_channel;
  task.bias = bias + tile.first_channel;
  if (add_) task.added = elements_of<float>(buffers.inputs[1]) + at;
  if (f32_output_) task.y = elements_of<float>(buffers.outputs[0]) + at;
  task.y_step = channels_;
  if (quantizer_) {
    task.sign = quantizer_->sign.data() + tile.first_channel;
    task.thresholds = quantizer_->thresholds.data() + tile.first_channel;
    task.stride = quantizer_->stride;
    task.codes = codes_of(tile, elements_of<Word>(buffers.outputs[f32_output_ ? 1 : 0]));
  }
  epilogue_(task);
}

template class Epilogue<std::int16_t>;
template class Epilogue<std::int32_t>;
template class Epilogue<float>;

}  // namespace edgebin
