// Product of u8 inputs and s8 weights on AMX: tdpbusd multiplies 16 pixels by 16 channels over 64
// bytes of depth. Weights are tiles as they are packed. A last step of fewer bytes has registers of
// its own, configured to its size.
//
//   instruction    cycles  Sapphire Rapids                  per step of 16 pixels and 64 channels
//   tdpbusd          16     the tile unit                    4
//   tileloadd         9     two loads a cycle, lines whole   5
//   Bottleneck: tdpbusd, 1024 MAC/cycle, then the stores of sums: 16 cycles a tile.
//
// vpdpbusd does what tiles do not pay for: few pixels or channels, where configuring them (some 280
// cycles) takes longer, and rows of a single step, whose sums take as long to store as to compute.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::amx {
namespace {

constexpr int kTile = 16;
constexpr int kUnit = 4;
constexpr int kRowAlign = 64;  // so that no row of a tile straddles two lines
constexpr int kRows = 6;
constexpr int kVectors = 4;
constexpr int kVectorsOfOneRow = 8;

}  // namespace
}  // namespace edgebin::kernels::amx

#include "kernels/generic/u8s8_dot_512.h"

namespace edgebin::kernels::amx {
namespace {

constexpr int kStep = 64;  // bytes of depth of a step
constexpr std::ptrdiff_t kStepBytes = std::ptrdiff_t{kStep} * kTile;
constexpr int kColumns = 4;  // tiles of channels that share the loads of pixels
constexpr double kMinProducts = 64 * 1024;

// The intrinsics of gcc 12 do not say that they access memory.
inline void order_memory() { asm volatile("" ::: "memory"); }

struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};

// Registers 0 to 3 are sums, 4 and 5 pixels, 6 and 7 weights; 5 and 7 of the last step.
void configure(int last) {
  TileConfig config;
  for (int i = 0; i < 8; ++i) {
    config.row_bytes[i] = kStep;
    config.rows[i] = kTile;
  }
  config.row_bytes[5] = static_cast<std::uint16_t>(last);
  config.rows[7] = static_cast<std::uint8_t>(last / kUnit);
  order_memory();
  _tile_loadconfig(&config);
}

// Where the sums of 16 pixels go.
struct Target {
  std::int32_t* acc;
  std::ptrdiff_t step;  // bytes
};

// Begins the sums of a tile, after those of the pixels before have been stored, if kStores. (gcc 12
// takes registers as literals only, here and below.)
#define EDGEBIN_START(tile)                                                              \
  if constexpr (kFirst) {                                                                \
    if constexpr (kStores) _tile_stored(tile, before.acc + (tile) * kTile, before.step); \
    _tile_zero(tile);                                                                    \
  }

// A step of 16 pixels and kCount tiles of channels, in registers `pixels` and `weight`.
#define EDGEBIN_STEP(pixels, weight)                      \
  _tile_loadd(pixels, row, step);                         \
  _tile_loadd(weight, weights, kStep);                    \
  EDGEBIN_START(0)                                        \
  _tile_dpbusd(0, pixels, weight);                        \
  if constexpr (kCount > 1) {                             \
    _tile_loadd(weight, weights + tile_bytes, kStep);     \
    EDGEBIN_START(1)                                      \
    _tile_dpbusd(1, pixels, weight);                      \
  }                                                       \
  if constexpr (kCount > 2) {                             \
    _tile_loadd(weight, weights + 2 * tile_bytes, kStep); \
    EDGEBIN_START(2)                                      \
    _tile_dpbusd(2, pixels, weight);                      \
  }                                                       \
  if constexpr (kCount > 3) {                             \
    _tile_loadd(weight, weights + 3 * tile_bytes, kStep); \
    EDGEBIN_START(3)                                      \
    _tile_dpbusd(3, pixels, weight);                      \
  }

// kFirst: of the 16 pixels; kStores: those before have sums to store.
template <int kCount, bool kFirst, bool kStores>
[[gnu::always_inline]] inline void whole_step(const std::uint8_t* row, std::ptrdiff_t step,
                                              const std::int8_t* weights, std::ptrdiff_t tile_bytes,
                                              [[maybe_unused]] const Target& before) {
  EDGEBIN_STEP(4, 6)
}

template <int kCount>
[[gnu::always_inline]] inline void last_step(const std::uint8_t* row, std::ptrdiff_t step,
                                             const std::int8_t* weights,
                                             std::ptrdiff_t tile_bytes) {
  constexpr bool kFirst = false;
  [[maybe_unused]] constexpr bool kStores = false;
  [[maybe_unused]] const Target before = {};
  EDGEBIN_STEP(5, 7)
}
#undef EDGEBIN_STEP
#undef EDGEBIN_START

template <int kCount>
inline void store_tiles(const Target& to) {
  _tile_stored(0, to.acc, to.step);
  if constexpr (kCount > 1) _tile_stored(1, to.acc + kTile, to.step);
  if constexpr (kCount > 2) _tile_stored(2, to.acc + 2 * kTile, to.step);
  if constexpr (kCount > 3) _tile_stored(3, to.acc + 3 * kTile, to.step);
}

// The products of 16 pixels, of one whole step at least, and kCount tiles of channels. Their sums
// stay in registers: they are stored between the first products of the next pixels, which hides the
// latency of tdpbusd.
template <int kCount, bool kStores>
inline void multiply_tiles(const U8s8Task& task, const Target& before) {
  const std::ptrdiff_t step = row_step(task.depth);
  const std::ptrdiff_t tile_bytes = kTile * task.depth;
  const std::uint8_t* row = task.rows;
  const std::int8_t* weights = task.weights;
  whole_step<kCount, true, kStores>(row, step, weights, tile_bytes, before);
  std::ptrdiff_t left = task.depth - kStep;
  for (; left >= kStep; left -= kStep) {
    row += kStep;
    weights += kStepBytes;
    whole_step<kCount, false, false>(row, step, weights, tile_bytes, before);
  }
  if (left == 0) return;
  last_step<kCount>(row + kStep, step, weights + kStepBytes, tile_bytes);
}

// All pixels, at least 16, and kCount tiles of channels. The last tile of pixels overlaps the one
// before it.
template <int kCount>
void multiply_columns(const U8s8Task& task, int pixels) {
  const std::ptrdiff_t row_bytes = row_step(task.depth);
  Target to = {task.acc, task.channels * std::ptrdiff_t{sizeof(std::int32_t)}};
  multiply_tiles<kCount, false>(task, to);
  for (std::ptrdiff_t p = kTile; p < pixels; p += kTile) {
    const std::ptrdiff_t first = p + kTile <= pixels ? p : pixels - kTile;
    multiply_tiles<kCount, true>(
        {task.rows + first * row_bytes, task.weights, task.acc, task.channels, task.depth}, to);
    to.acc = task.acc + first * task.channels;
  }
  store_tiles<kCount>(to);
}

void u8s8(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc, int pixels,
          int channels, int depth) {
  if (pixels < kTile || depth <= kStep || double{1} * pixels * channels * depth < kMinProducts) {
    return dot_u8s8(rows, weights, acc, pixels, channels, depth);
  }
  constexpr void (*kMultiply[kColumns])(const U8s8Task&, int) = {
      multiply_columns<1>, multiply_columns<2>, multiply_columns<3>, multiply_columns<4>};
  const int last = depth % kStep;
  configure(last == 0 ? kStep : last);
  constexpr int kBlock = kColumns * kTile;
  for (int n = 0; n < channels; n += kBlock) {
    const int count = channels - n < kBlock ? (channels - n) / kTile : kColumns;
    kMultiply[count - 1]({rows, weights + std::ptrdiff_t{n} * depth, acc + n, channels, depth},
                         pixels);
  }
  order_memory();
  _tile_release();
}

}  // namespace

void install_u8s8(Kernels& kernels) {
  kernels.u8s8_tile = kTile;
  kernels.u8s8_unit = kUnit;
  kernels.u8s8_row_align = kRowAlign;
  kernels.u8s8_pixels = kTile;
  kernels.u8s8 = u8s8;
}

}  // namespace edgebin::kernels::amx
