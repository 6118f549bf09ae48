// What follows the sums of conv and linear: thresholds make codes of them, or scale and bias f32.
#ifndef EDGEBIN_OPS_EPILOGUE_H_
#define EDGEBIN_OPS_EPILOGUE_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "ops/border.h"
#include "ops/conv_spec.h"
#include "ops/layout.h"

namespace edgebin {

class Epilogue {
 public:
  Epilogue(const ConvSpec& spec, const kernels::Kernels& kernels);

  // Writes channels first..first + count of an output pixel. `acc` holds the sums of just those.
  // Of codes, `first` is a multiple of 64, and so is `count` unless it reaches the last channel.
  void store(const std::int32_t* acc, int pixel, int first, int count,
             std::span<std::byte> output) const noexcept;
  void store(const float* acc, int pixel, int first, int count,
             std::span<std::byte> output) const noexcept;

 private:
  const float* bias_at(int pixel) const noexcept {
    return bias_.at(pixel / width_, pixel % width_);
  }

  kernels::ThresholdFn threshold_;
  kernels::ScaleFn scale_kernel_;
  int width_;
  int channels_;
  int stride_;
  Operand<std::int32_t> thresholds_;  // [3][stride], empty where the output is f32
  Operand<float> scale_;
  BorderBias bias_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_EPILOGUE_H_
