#include "ops/conv/packed_size.h"

#include <algorithm>

#include "kernels/kernels.h"
#include "ops/conv/border_bias.h"

namespace edgebin {
namespace {

Bytes lookup_bytes(const ConvGeometry& geometry) {
  const auto channels = static_cast<Bytes>(geometry.in.c);
  const Bytes groups = channels / kernels::kWordBits * (kernels::kWordBits / kLeastLookupGroup) +
                       ceil_div(channels % kernels::kWordBits, kLeastLookupGroup);
  return align_up(static_cast<Bytes>(geometry.out.c), kMostLookupTile) *
         static_cast<Bytes>(geometry.taps()) * groups;
}

Bytes weights_bytes(const ConvSpec& spec) {
  const ConvGeometry& geometry = spec.geometry;
  const auto depth = static_cast<Bytes>(geometry.depth());
  const auto rows = [&](Bytes tile) {
    return static_cast<Bytes>(geometry.groups) *
           align_up(static_cast<Bytes>(geometry.group_out()), tile);
  };
  if (geometry.groups > 1 && geometry.group_in() == 1) {
    return depth * static_cast<Bytes>(geometry.out.c) * sizeof(float);
  }
  if (spec.input == DType::kF32) return rows(kMostFloatTile) * depth * sizeof(float);
  if (spec.input == DType::kU8 || spec.weights->type == ConstantType::kS8) {
    return rows(kMostByteTile) * align_up(depth, kMostByteUnit);
  }
  const Bytes words = ceil_div(depth, Bytes{kernels::kWordBits});
  const Bytes bits = rows(kMostBitTile) * words * sizeof(kernels::Word);
  const bool looks_up = geometry.groups == 1 && geometry.depth() <= kernels::kMaxLookupDepth;
  return looks_up ? std::max(bits, lookup_bytes(geometry)) : bits;
}

}  // namespace

// Rows of at most 2^22 elements, and fewer than 2^31 of them in a constant, filled up to tiles: far
// below 2^64. A pool takes the biases twice, and looks up their classes itself as well.
Bytes packed_bytes(const ConvSpec& spec) {
  Bytes biases = 2 * static_cast<Bytes>(spec.geometry.out.c) * sizeof(float);
  if (spec.zero != nullptr) {
    const BorderClasses rows(spec.geometry.window.rows, spec.geometry.in.h);
    const BorderClasses columns(spec.geometry.window.columns, spec.geometry.in.w);
    biases *= static_cast<Bytes>(rows.count()) * static_cast<Bytes>(columns.count());
    biases += 3 * (rows.bytes() + columns.bytes());
  }
  return weights_bytes(spec) + biases;
}

}  // namespace edgebin
