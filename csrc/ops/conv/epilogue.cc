#include "ops/conv/epilogue.h"

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
kernels::EpilogueFn<Sum> finish_of(const kernels::Kernels& kernels) {
  if constexpr (std::is_same_v<Sum, std::int16_t>) return kernels.epilogue_i16;
  if constexpr (std::is_same_v<Sum, std::int32_t>) return kernels.epilogue_i32;
  if constexpr (std::is_same_v<Sum, float>) return kernels.epilogue_f32;
}

}  // namespace

template <class Sum>
Epilogue<Sum>::Epilogue(const ConvSpec& spec, const kernels::Kernels& kernels)
    : threshold_(threshold_of<Sum>(kernels)),
      finish_(finish_of<Sum>(kernels)),
      channels_(spec.geometry.out.c),
      stride_(align_up(channels_, kernels::kWordBits)),
      scale_(static_cast<std::size_t>(channels_), 1.0f),
      bias_(spec),
      adds_(spec.tail.adds),
      keeps_(spec.tail.keeps) {
  if (spec.thresholds != nullptr) thresholds_ = thresholds_by_rank<Sum>(*spec.thresholds, stride_);
  for (int n = 0; spec.scale != nullptr && n < channels_; ++n) {
    scale_[n] = spec.scale->element<float>(n);
  }
  if (spec.tail.quantize != nullptr) quantizer_.emplace(*spec.tail.quantize, channels_);
}

// f32(sum) and its product with the scale round monotonically, for that is finite, and so does
// adding a finite bias. Zeros differ in sign only where -0 is added: any other bias makes +0 of a
// product that cancels it.
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
    threshold(tile, elements_of<Word>(buffers.outputs[0]));
    return;
  }
  SumTile<Sum> run = tile;
  for (int left = tile.pixels; left > 0; left -= run.pixels) {
    const auto [bias, pixels] = bias_.run_at(run.pixel);
    run.pixels = std::min(pixels, left);
    finish(run, bias, buffers);
    run.pixel += run.pixels;
    run.to += run.pixels;
    run.sums += run.pixels * run.step;
  }
}

template <class Sum>
kernels::CodesOut Epilogue<Sum>::codes_of(const SumTile<Sum>& tile, Word* codes) const noexcept {
  kernels::CodesOut out = codes_at(codes, tile.to, channels_);
  out.words += tile.first / kernels::kWordBits;
  return out;
}

template <class Sum>
void Epilogue<Sum>::threshold(const SumTile<Sum>& tile, Word* codes) const noexcept {
  threshold_({.sums = tile.sums,
              .sum_step = tile.step,
              .pixels = tile.pixels,
              .channels = tile.channels,
              .thresholds = thresholds_.data() + tile.first,
              .stride = stride_,
              .codes = codes_of(tile, codes)});
}

template <class Sum>
void Epilogue<Sum>::finish(const SumTile<Sum>& tile, const float* bias,
                           const Buffers& buffers) const noexcept {
  const std::ptrdiff_t at = std::ptrdiff_t{tile.to} * channels_ + tile.first;
  kernels::EpilogueTask<Sum> task{};
  task.sums = tile.sums;
  task.sum_step = tile.step;
  task.pixels = tile.pixels;
  task.channels = tile.channels;
  task.scale = scale_.data() + tile.first;
  task.bias = bias + tile.first;
  if (adds_) task.added = elements_of<float>(buffers.inputs[1]) + at;
  if (keeps_) task.y = elements_of<float>(buffers.outputs[0]) + at;
  task.y_step = channels_;
  if (quantizer_) {
    task.sign = quantizer_->sign.data() + tile.first;
    task.thresholds = quantizer_->thresholds.data() + tile.first;
    task.stride = quantizer_->stride;
    task.codes = codes_of(tile, elements_of<Word>(buffers.outputs[keeps_ ? 1 : 0]));
  }
  finish_(task);
}

template class Epilogue<std::int16_t>;
template class Epilogue<std::int32_t>;
template class Epilogue<float>;

}  // namespace edgebin
