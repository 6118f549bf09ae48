#include "ops/epilogue.h"

#include "ops/constants.h"

namespace edgebin {

Epilogue::Epilogue(const ConvSpec& spec, const kernels::Kernels& kernels)
    : threshold_(kernels.threshold),
      scale_kernel_(kernels.scale),
      width_(spec.geometry.out.w),
      channels_(spec.geometry.out.c),
      stride_(align_up(channels_, kernels::kWordBits)),
      scale_(static_cast<std::size_t>(channels_), 1.0f),
      bias_(spec) {
  if (spec.thresholds != nullptr) {
    thresholds_ = thresholds_by_rank<std::int32_t>(*spec.thresholds, stride_);
  }
  for (int n = 0; spec.scale != nullptr && n < channels_; ++n) {
    scale_[n] = spec.scale->element<float>(n);
  }
}

void Epilogue::store(const std::int32_t* acc, int pixel, int first, int count,
                     std::span<std::byte> output) const noexcept {
  if (thresholds_.empty()) {
    float* const y = elements_of<float>(output) + std::ptrdiff_t{pixel} * channels_ + first;
    scale_kernel_(acc, scale_.data() + first, bias_at(pixel) + first, count, y);
    return;
  }
  Word* const low =
      planes_of(elements_of<Word>(output), pixel, channels_) + first / kernels::kWordBits;
  threshold_(acc, thresholds_.data() + first, stride_, count, low, low + plane_words(channels_));
}

void Epilogue::store(const float* acc, int pixel, int first, int count,
                     std::span<std::byte> output) const noexcept {
  const float* const scale = scale_.data() + first;
  const float* const bias = bias_at(pixel) + first;
  float* const y = elements_of<float>(output) + std::ptrdiff_t{pixel} * channels_ + first;
  for (int n = 0; n < count; ++n) y[n] = acc[n] * scale[n] + bias[n];
}

}  // namespace edgebin
