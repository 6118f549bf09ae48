// Which algorithm computes which convolution.
#include "ops/conv/algorithms/algorithms.h"

#include <limits>

#include "base/bits.h"
#include "ops/conv/algorithms/lookup_layout.h"

namespace edgebin {
namespace {

// A table pays off where several taps or many channels look it up. Of a single tap, the bit-serial
// algorithm needs no im2col; measured on Zen 4, lookups overtake it between 64 and 128 output
// channels.
constexpr int kMinChannelsOfOneTap = 128;

// Wider windows and strides need more tables at a time than the caches hold.
constexpr int kMaxExtent = 16;
constexpr int kMaxStride = LookupLayout::kMaxPhases;

bool is_compact(const Axis& axis) {
  return axis.extent() <= kMaxExtent && axis.stride <= kMaxStride;
}

bool suits_lookup(const ConvGeometry& geometry) {
  return geometry.groups == 1 && geometry.depth() <= kernels::kMaxLookupDepth &&
         is_compact(geometry.window.rows) && is_compact(geometry.window.columns);
}

bool pays_off(const ConvSpec& spec) {
  const ConvGeometry& geometry = spec.geometry;
  return spec.algo != kernels::ConvAlgo::kBitSerial && geometry.out.pixels() > 1 &&
         (geometry.taps() > 1 || geometry.out.c >= kMinChannelsOfOneTap);
}

// Returns the way to look up that needs the fewest lookups, idle lanes counted, or null where the
// bit-serial algorithm is faster or was requested.
const kernels::Lookup* choose_lookup(const ConvSpec& spec, const kernels::Kernels& kernels) {
  const ConvGeometry& geometry = spec.geometry;
  if (!suits_lookup(geometry)) return nullptr;
  if (spec.kernel.empty() && !pays_off(spec)) return nullptr;
  const kernels::Lookup* best = nullptr;
  double fewest = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kernels.lookup_count; ++i) {
    const kernels::Lookup& lookup = kernels.lookups[i];
    if (!spec.kernel.empty() && spec.kernel != lookup.name) continue;
    const double lookups = double{1} * ceil_div(geometry.in.c, lookup.group) *
                           align_up(geometry.out.c, lookup.tile) *
                           align_up(geometry.out.w, lookup.lanes);
    if (lookups >= fewest) continue;
    best = &lookup;
    fewest = lookups;
  }
  return best;
}

bool takes_matrix_tiles(const ConvSpec& spec, const kernels::Kernels& kernels) {
  const kernels::MatrixTiles& tiles = kernels.matrix_tiles;
  if (tiles.name == nullptr || !suits_matrix_tiles(spec.geometry)) return false;
  if (!spec.kernel.empty()) return spec.kernel == tiles.name;
  return spec.algo == kernels::ConvAlgo::kMatrixTiles && spec.geometry.out.pixels() > 1;
}

bool suits_depthwise(const ConvSpec& spec) {
  const ConvGeometry& geometry = spec.geometry;
  return geometry.groups > 1 && geometry.group_in() == 1 && spec.post_ops.max_pool == nullptr;
}

}  // namespace

std::unique_ptr<const Step> make_conv(const ConvSpec& spec, const kernels::Kernels& kernels) {
  if (suits_depthwise(spec) && (spec.kernel.empty() || spec.kernel == "depthwise")) {
    return make_depthwise_conv(spec, kernels);
  }
  if (spec.input == DType::kF32) return make_f32_conv(spec, kernels);
  if (spec.input == DType::kCode && spec.weights->type == ConstantType::kBit) {
    if (takes_matrix_tiles(spec, kernels)) return make_matrix_tiles_conv(spec, kernels);
    const kernels::Lookup* const lookup = choose_lookup(spec, kernels);
    return lookup != nullptr ? make_lookup_conv(spec, kernels, *lookup)
                             : make_bit_serial_conv(spec, kernels);
  }
  return make_u8s8_conv(spec, kernels);
}

}  // namespace edgebin
