// Convolution of codes and binary weights on AMX: tdpbusd multiplies 16 positions by 16 channels
// over 64 bytes of depth.
//
//   instruction    cycles  Sapphire Rapids                  per step of five tiles
//   tdpbusd          16     the tile unit                    5
//   tileloadd         9     two loads a cycle, lines whole   6
//   gf2p8affineqb     1     p0, p5                           16
//   vmovdqa64 store   1     p49                              16
//   Bottleneck: tdpbusd: 1024 MAC/cycle.
//
// Weights stay bits in memory. An affine transform over GF(2) turns a vector of bytes, whose bit i
// belongs to row i of a tile, into that row of +1 and -1. This happens in the shadow of tdpbusd,
// two steps before a tile of weights is loaded, because tile loads are not forwarded from stores; a
// ring of four tiles holds them. For the same reason the sums of a column of tiles are stored one
// by one between the products of the next column's first step, and packed to 16 bits after it.
//
// A change of the second operand costs tdpbusd its full time, however few rows the first has: so
// each tile of weights serves up to five tiles of positions.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::amx {
namespace {

constexpr int kRowBytes = 64;
constexpr int kTileBytes = kTileRows * kRowBytes;
constexpr int kTileSums = kTileRows * kTileChannels;
constexpr int kRing = 4;
constexpr int kAhead = 2;

// The intrinsics of gcc 12 do not say that they access memory.
inline void order_memory() { asm volatile("" ::: "memory"); }

struct alignas(kRowBytes) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};

void configure() {
  TileConfig config;
  for (int i = 0; i < 8; ++i) {
    config.row_bytes[i] = kRowBytes;
    config.rows[i] = kTileRows;
  }
  order_memory();
  _tile_loadconfig(&config);
}

void release() { _tile_release(); }

// +1 where bit `bit` of a byte is set, and otherwise -1: bits 1 to 7 become its complement, bit 0
// one.
inline __m512i signs(__m512i bytes, int bit) {
  const long long matrix = 0x0001010101010101LL << bit;
  return _mm512_gf2p8affine_epi64_epi8(bytes, _mm512_set1_epi64(matrix), 0xff);
}

[[gnu::always_inline]] inline void expand(const std::uint8_t* bits, std::uint8_t* tile) {
  const __m512i upper = _mm512_load_si512(bits);
  const __m512i lower = _mm512_load_si512(bits + kRowBytes);
#pragma GCC unroll 8
  for (int i = 0; i < kTileRows / 2; ++i) {
    _mm512_store_si512(tile + i * kRowBytes, signs(upper, i));
    _mm512_store_si512(tile + (kTileRows / 2 + i) * kRowBytes, signs(lower, i));
  }
}

// Clears the sums of a tile, after those of the column before have been stored, if kStores.
// (gcc 12 takes registers as literals only.)
#define EDGEBIN_START(tile)                                                          \
  if constexpr (kFirst) {                                                            \
    if constexpr (kStores) _tile_stored(tile, sums + (tile) * kTileSums, kRowBytes); \
    _tile_zero(tile);                                                                \
  }

// A step of kTiles tiles of positions; kFirst: of a column, and kStores of one that is not the
// first, where the sums of the column before go to `sums`. Registers 0 to 4 are sums, 5 and 6
// positions, 7 weights.
template <int kTiles, bool kFirst, bool kStores>
[[gnu::always_inline]] inline void multiply_step(const std::uint8_t* rows, std::ptrdiff_t row_bytes,
                                                 const std::uint8_t* weights,
                                                 [[maybe_unused]] std::int32_t* sums) {
  const std::ptrdiff_t tile = kTileRows * row_bytes;
  _tile_loadd(7, weights, kRowBytes);
  _tile_loadd(5, rows, row_bytes);
  EDGEBIN_START(0)
  _tile_dpbusd(0, 5, 7);
  if constexpr (kTiles > 1) {
    _tile_loadd(6, rows + tile, row_bytes);
    EDGEBIN_START(1)
    _tile_dpbusd(1, 6, 7);
  }
  if constexpr (kTiles > 2) {
    _tile_loadd(5, rows + 2 * tile, row_bytes);
    EDGEBIN_START(2)
    _tile_dpbusd(2, 5, 7);
  }
  if constexpr (kTiles > 3) {
    _tile_loadd(6, rows + 3 * tile, row_bytes);
    EDGEBIN_START(3)
    _tile_dpbusd(3, 6, 7);
  }
  if constexpr (kTiles > 4) {
    _tile_loadd(5, rows + 4 * tile, row_bytes);
    EDGEBIN_START(4)
    _tile_dpbusd(4, 5, 7);
  }
}
#undef EDGEBIN_START

template <int kTiles>
inline void store_sums(std::int32_t* sums) {
  _tile_stored(0, sums, kRowBytes);
  if constexpr (kTiles > 1) _tile_stored(1, sums + kTileSums, kRowBytes);
  if constexpr (kTiles > 2) _tile_stored(2, sums + 2 * kTileSums, kRowBytes);
  if constexpr (kTiles > 3) _tile_stored(3, sums + 3 * kTileSums, kRowBytes);
  if constexpr (kTiles > 4) _tile_stored(4, sums + 4 * kTileSums, kRowBytes);
}

// The sums of a pair of columns of tiles, [2][positions][16], to [positions][step].
template <int kTiles>
inline void pack_pair(const std::int32_t* sums, std::int16_t* to, std::ptrdiff_t step) {
  constexpr std::ptrdiff_t kPositions = kTiles * kTileRows;
  const std::int32_t* const odd = sums + kPositions * kTileChannels;
  for (std::ptrdiff_t p = 0; p < kPositions; ++p) {
    const __m512i packed = _mm512_packs_epi32(_mm512_load_si512(sums + p * kTileChannels),
                                              _mm512_load_si512(odd + p * kTileChannels));
    _mm512_storeu_si512(to + p * step, packed);
  }
}

template <int kTiles>
inline void pack_single(const std::int32_t* sums, std::int16_t* to, std::ptrdiff_t step) {
  for (std::ptrdiff_t p = 0; p < std::ptrdiff_t{kTiles} * kTileRows; ++p) {
    const __m256i packed = _mm512_cvtepi32_epi16(_mm512_load_si512(sums + p * kTileChannels));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + p * step), packed);
  }
}

// Tiles of weights in the order in which they are multiplied, each expanded kAhead steps before.
class Weights {
 public:
  Weights(const MatrixTilesTask& task, std::uint8_t* ring)
      : bits_(task.weights),
        end_(bits_ + std::ptrdiff_t{task.channels / kTileChannels} * task.steps * kTileBits),
        ring_(ring) {
    for (int i = 0; i < kAhead; ++i) expand_next(i);
  }

  [[gnu::always_inline]] const std::uint8_t* next() {
    const std::uint8_t* const tile = ring_ + at_ * kTileBytes;
    expand_next((at_ + kAhead) % kRing);
    at_ = (at_ + 1) % kRing;
    order_memory();
    return tile;
  }

 private:
  [[gnu::always_inline]] void expand_next(int place) {
    if (bits_ == end_) return;
    expand(bits_, ring_ + place * kTileBytes);
    bits_ += kTileBits;
  }

  const std::uint8_t* bits_;
  const std::uint8_t* end_;
  std::uint8_t* ring_;
  int at_ = 0;
};

template <int kTiles>
void multiply_tiles(const MatrixTilesTask& task) {
  alignas(kRowBytes) std::uint8_t ring[kRing * kTileBytes];
  alignas(kRowBytes) std::int32_t sums[2][kTiles * kTileSums];
  const std::uint8_t* const rows = task.rows;
  const std::ptrdiff_t row_bytes = task.row_bytes;
  const std::ptrdiff_t* const offsets = task.offsets;
  const std::ptrdiff_t steps = task.steps;
  const std::ptrdiff_t step = task.channels;
  const int columns = task.channels / kTileChannels;
  std::int16_t* const to = task.sums;
  Weights weights(task, ring);
  for (int column = 0; column < columns; ++column) {
    const std::uint8_t* const first = weights.next();
    if (column == 0) {
      multiply_step<kTiles, true, false>(rows + offsets[0], row_bytes, first, nullptr);
    } else {
      multiply_step<kTiles, true, true>(rows + offsets[0], row_bytes, first,
                                        sums[(column - 1) % 2]);
      order_memory();
      if (column % 2 == 0) {
        pack_pair<kTiles>(sums[0], to + std::ptrdiff_t{column - 2} * kTileChannels, step);
      }
    }
    for (std::ptrdiff_t s = 1; s < steps; ++s) {
      multiply_step<kTiles, false, false>(rows + offsets[s], row_bytes, weights.next(), nullptr);
    }
  }
  const int last = columns - 1;
  store_sums<kTiles>(sums[last % 2]);
  order_memory();
  if (last % 2 == 1) {
    pack_pair<kTiles>(sums[0], to + std::ptrdiff_t{last - 1} * kTileChannels, step);
  } else {
    pack_single<kTiles>(sums[0], to + std::ptrdiff_t{last} * kTileChannels, step);
  }
}

void multiply(const MatrixTilesTask& task) {
  constexpr void (*kMultiply[kMaxTiles])(const MatrixTilesTask&) = {
      multiply_tiles<1>, multiply_tiles<2>, multiply_tiles<3>, multiply_tiles<4>,
      multiply_tiles<5>};
  kMultiply[task.tiles - 1](task);
}

// 64 codes of two planes.
[[gnu::always_inline]] inline __m512i codes_of(Word plane0, Word plane1) {
  const __m512i low = _mm512_maskz_mov_epi8(plane0, _mm512_set1_epi8(1));
  return _mm512_mask_add_epi8(low, plane1, low, _mm512_set1_epi8(2));
}

// Pixels of 16 channels, four to a vector.
void unpack_16(const CodeBytesTask& task) {
  const std::ptrdiff_t step = task.step;
  const Word* pixel = task.codes;
  std::uint8_t* bytes = task.bytes;
  int left = task.pixels;
  for (; left >= 4; left -= 4, pixel += 4 * step, bytes += kRowBytes) {
    const Word low = pixel[0] | pixel[step] << 16 | pixel[2 * step] << 32 | pixel[3 * step] << 48;
    const Word* const high = pixel + 1;
    _mm512_storeu_si512(bytes, codes_of(low, high[0] | high[step] << 16 | high[2 * step] << 32 |
                                                 high[3 * step] << 48));
  }
  for (; left > 0; --left, pixel += step, bytes += 16) {
    _mm512_storeu_si512(bytes, codes_of(pixel[0], pixel[1]));
  }
}

void unpack(const CodeBytesTask& task) {
  if (task.byte_step == 16) return unpack_16(task);
  const std::ptrdiff_t words = task.words;
  const std::ptrdiff_t step = task.step;
  const std::ptrdiff_t byte_step = task.byte_step;
  const Word* pixel = task.codes;
  std::uint8_t* bytes = task.bytes;
  for (int p = task.pixels; p > 0; --p, pixel += step, bytes += byte_step) {
    for (std::ptrdiff_t w = 0; w < words; ++w) {
      _mm512_storeu_si512(bytes + w * kRowBytes, codes_of(pixel[w], pixel[words + w]));
    }
  }
}

void join(const JoinTask& task) {
  const int whole = task.length / kRowBytes;
  const int rest = task.length % kRowBytes;
  const __mmask64 mask = (std::uint64_t{1} << rest) - 1;
  const std::ptrdiff_t step = task.step;
  const std::ptrdiff_t row_bytes = task.row_bytes;
  const std::uint8_t* from = task.line;
  std::uint8_t* to = task.rows;
  for (int p = task.count; p > 0; --p, from += step, to += row_bytes) {
    for (std::ptrdiff_t i = 0; i < whole; ++i) {
      _mm512_store_si512(to + i * kRowBytes, _mm512_loadu_si512(from + i * kRowBytes));
    }
    if (rest != 0) {
      _mm512_store_si512(to + whole * kRowBytes,
                         _mm512_maskz_loadu_epi8(mask, from + whole * kRowBytes));
    }
  }
}

}  // namespace

void install_matrix_tiles(Kernels& kernels) {
  kernels.matrix_tiles = {.name = "matrix_tiles",
                          .configure = configure,
                          .release = release,
                          .multiply = multiply,
                          .unpack = unpack,
                          .join = join};
}

}  // namespace edgebin::kernels::amx
