// The epilogue of `conv` and `linear`: what happens to the sums while they are in the cache. Either
// thresholds turn them into codes, or scale and bias turn them into f32, which the post-ops `add`
// and `quantize` process further.
#ifndef EDGEBIN_OPS_CONV_EPILOGUE_EPILOGUE_H_
#define EDGEBIN_OPS_CONV_EPILOGUE_EPILOGUE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "ops/conv/epilogue/border_bias.h"
#include "ops/conv/geometry.h"
#include "ops/elementwise/quantizer.h"
#include "ops/layout.h"

namespace edgebin {

// The sums of channels first_channel..first_channel + channels of output pixels pixel..pixel +
// pixels, numbered row after row. Where codes are written, first_channel is a multiple of 64, and
// so is `channels` unless it reaches the last channel.
template <class Sum>
struct SumTile {
  const Sum* sums;      // [pixels][channels], pixels `step` apart
  std::ptrdiff_t step;  // elements; integers have kSumSlack readable bytes behind them
  int pixel;
  int output_pixel;  // the pixel of the step's outputs that `pixel` becomes
  int pixels;
  int first_channel;
  int channels;
};

// Sum is i16 within -32767..32767, i32 or float.
template <class Sum>
class Epilogue {
 public:
  Epilogue(const ConvSpec& spec, const kernels::Kernels& kernels);

  // Whether the f32 value of each output position and channel is a monotone function of its sum,
  // rising or falling by the sign of the scale, and equal values have equal bits.
  bool is_monotone() const noexcept;

  // Writes a tile of sums to the step's outputs.
  void store(const SumTile<Sum>& tile, const Buffers& buffers) const noexcept;

 private:
  void store_codes(const SumTile<Sum>& tile, Word* codes) const noexcept;
  void store_f32(const SumTile<Sum>& tile, const float* bias,
                 const Buffers& buffers) const noexcept;
  kernels::CodesOut codes_of(const SumTile<Sum>& tile, Word* codes) const noexcept;

  kernels::ThresholdFn<Sum> threshold_;  // null for float
  kernels::EpilogueFn<Sum> epilogue_;
  int channels_;
  int stride_;
  Operand<Sum> thresholds_;  // [3][stride]; empty where sums become f32
  Operand<float> scale_;
  BorderBias bias_;
  bool add_;
  bool f32_output_;
  std::optional<Quantizer> quantizer_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_EPILOGUE_EPILOGUE_H_
