// What follows the sums of conv and linear: thresholds make codes of them, or scale and bias f32
// values, which the step's tail adds to and quantizes while they are at hand.
#ifndef EDGEBIN_OPS_CONV_EPILOGUE_H_
#define EDGEBIN_OPS_CONV_EPILOGUE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "ops/conv/border_bias.h"
#include "ops/conv/geometry.h"
#include "ops/elementwise/quantizer.h"
#include "ops/layout.h"

namespace edgebin {

// Channels first..first + channels of output pixels pixel..pixel + pixels, row after row. Of codes,
// `first` is a multiple of 64, and so is `channels` unless it reaches the last channel.
template <class Sum>
struct SumTile {
  const Sum* sums;      // [pixels][channels], pixels `step` apart
  std::ptrdiff_t step;  // elements; integers have kSumSlack behind them
  int pixel;
  int to;  // the pixel of the step's f32 parts and codes where `pixel` goes
  int pixels;
  int first;
  int channels;
};

// Sum: i16 within -32767..32767, i32 or float.
template <class Sum>
class Epilogue {
 public:
  Epilogue(const ConvSpec& spec, const kernels::Kernels& kernels);

  // Whether f32 values of one output position never fall where its sum rises, or never rise, by the
  // sign of the scale, and sums that make equal values make equal bits.
  bool is_monotone() const noexcept;

  // Writes the tile's part of the step's outputs.
  void store(const SumTile<Sum>& tile, const Buffers& buffers) const noexcept;

 private:
  void threshold(const SumTile<Sum>& tile, Word* codes) const noexcept;
  void finish(const SumTile<Sum>& tile, const float* bias, const Buffers& buffers) const noexcept;
  kernels::CodesOut codes_of(const SumTile<Sum>& tile, Word* codes) const noexcept;

  kernels::ThresholdFn<Sum> threshold_;  // null for float
  kernels::EpilogueFn<Sum> finish_;
  int channels_;
  int stride_;
  Operand<Sum> thresholds_;  // [3][stride], empty where the sums do not become codes at once
  Operand<float> scale_;
  BorderBias bias_;
  bool adds_;
  bool keeps_;
  std::optional<Quantizer> quantizer_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_EPILOGUE_H_
