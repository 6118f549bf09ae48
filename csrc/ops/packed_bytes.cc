#include "ops/packed_bytes.h"

#include <algorithm>

#include "kernels/kernels.h"
#include "ops/border.h"

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
  const bool looks_up = geometry.groups == 1 && geometry.depth() <= kernels::kMostLookupDepth;
  return looks_up ? std::max(bits, lookup_bytes(geometry)) : bits;
}

}  // namespace

// Rows of at most 2^22 elements, and fewer than 2^31 of them in a constant, filled up to tiles: far
// below 2^64.
Bytes packed_bytes(const ConvSpec& spec) {
  Bytes biases = 2 * static_cast<Bytes>(spec.geometry.out.c) * sizeof(float);  // a pool takes two
  if (spec.zero != nullptr) {
    const auto& [rows, columns] = spec.geometry.window;
    biases *= static_cast<Bytes>(BorderClasses(rows, spec.geometry.in.h).count()) *
              static_cast<Bytes>(BorderClasses(columns, spec.geometry.in.w).count());
  }
  return weights_bytes(spec) + biases;
}

}  // namespace edgebin
