// Table lookup, four input channels at a time, two output pixels at once. TBL looks up 16 weight
// patterns in a table of 16 bytes; an entry is at most 4 x 3 = 12, four bits, so that a table
// serves two pixels: one in the low halves of its bytes, one in the high halves.
//
//   instruction   latency  A76 ports  A57, A72 ports        per 2 pixels x 16 channels x 4 k
//   tbl (16 B)       2       V0 V1     F0 F1, three of them    1
//   add              2       V0 V1     F0 F1                   1
//   usra             4       V1        F1                      1
//   table load       -       L0 L1     L                       (vectors + 2) / (3 vectors)
//   index load       -       L0 L1     L                       1 / vectors
//   Bottleneck: three vector operations for 128 MAC: on A76 1.5 cycles, 85 MAC/cycle, and a flush
//   of 6 for every 21 of them: 78; on A57 and A72 five, 51 before flushes.
//
// Bound. With r what a lookup gives, S = sum of r, mod 256, and H = sum of r >> 4. Then H is the
// sum of the high pixel and S - 16 H, mod 256, that of the low one, exact while both fit a byte: 21
// lookups of at most 12 (252). Then they are added to 16-bit sums as in generic/lookup.h: `all`
// takes bytes in pairs as they are, `odd` their upper halves, and the even bytes' sum is all - 256
// odd.
#include <arm_neon.h>

#include "kernels/kernels.h"

#include "kernels/generic/window_totals.h"

namespace edgebin::kernels::neon {
namespace {

constexpr int kGroup = 4;
constexpr int kGroupsOfWord = kWordBits / kGroup;
constexpr int kLanes = 2;
constexpr int kTile = 16;
constexpr int kTableBytes = 1 << kGroup;
constexpr int kMaxVectors = 8;
constexpr int kMaxAdded = 255 / (3 * kGroup);

// The table of four codes for each of their 256 values: bit j of the low half of the index is the
// low bit of code j, of the high half its high bit. Once for the low pixel, once for the high one.
struct Tables {
  alignas(16) std::uint8_t low[256][kTableBytes];
  alignas(16) std::uint8_t high[256][kTableBytes];
};

constexpr Tables make_tables() {
  Tables tables = {};
  for (int codes = 0; codes < 256; ++codes) {
    for (int pattern = 0; pattern < kTableBytes; ++pattern) {
      int sum = 0;
      for (int j = 0; j < kGroup; ++j) {
        sum += (pattern >> j & 1) * ((codes >> j & 1) + 2 * (codes >> (j + 4) & 1));
      }
      tables.low[codes][pattern] = static_cast<std::uint8_t>(sum);
      tables.high[codes][pattern] = static_cast<std::uint8_t>(sum << 4);
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

// The codes of a word's groups, a byte each: of even groups, of odd ones.
struct WordCodes {
  std::uint64_t even;
  std::uint64_t odd;
};

inline std::uint64_t bits_of(uint8x8_t bytes) {
  return vget_lane_u64(vreinterpret_u64_u8(bytes), 0);
}

inline WordCodes codes_of(uint8x8_t plane0, uint8x8_t plane1) {
  return {bits_of(vsli_n_u8(plane0, plane1, 4)), bits_of(vsri_n_u8(plane1, plane0, 4))};
}

// Walks over the words of a pixel and adds up its codes.
class Pixel {
 public:
  Pixel(const Word* words, std::ptrdiff_t plane) : words_(words), plane_(plane) {}

  WordCodes next() {
    const uint8x8_t plane0 = vreinterpret_u8_u64(vld1_u64(words_));
    const uint8x8_t plane1 = vreinterpret_u8_u64(vld1_u64(words_ + plane_));
    ++words_;
    const uint8x8_t twos = vcnt_u8(plane1);
    total_ = vpadal_u8(total_, vadd_u8(vcnt_u8(plane0), vadd_u8(twos, twos)));
    return codes_of(plane0, plane1);
  }

  std::int32_t total() const { return static_cast<std::int32_t>(vaddlv_u16(total_)); }

 private:
  const Word* words_;
  std::ptrdiff_t plane_;
  uint16x4_t total_ = vdup_n_u16(0);
};

inline void store_table(std::uint64_t low, std::uint64_t high, int group, std::uint8_t* to) {
  const int shift = group / 2 * 8;
  vst1q_u8(to, vorrq_u8(vld1q_u8(kTables.low[low >> shift & 0xff]),
                        vld1q_u8(kTables.high[high >> shift & 0xff])));
}

void build(const TableTask& task) {
  // Copies: bytes that are stored might be the task's.
  const std::ptrdiff_t plane = task.plane, group_stride = task.group_stride;
  const int slots = task.slots, groups = task.groups;
  std::int32_t* totals = task.totals;
  for (int slot = 0; slot < slots; ++slot) {
    const Word* const codes = task.codes + slot * task.step;
    Pixel low(codes, plane);
    Pixel high(codes + task.lane_step, plane);
    std::uint8_t* to = task.tables + std::ptrdiff_t{slot} * kTableBytes;
    for (int left = groups; left > 0; left -= kGroupsOfWord) {
      const WordCodes low_codes = low.next();
      const WordCodes high_codes = high.next();
      const int count = left < kGroupsOfWord ? left : kGroupsOfWord;
      for (int g = 0; g < count; g += 2) {
        store_table(low_codes.even, high_codes.even, g, to);
        if (g + 1 < count) store_table(low_codes.odd, high_codes.odd, g, to + group_stride);
        to += 2 * group_stride;
      }
    }
    *totals++ = low.total();
    *totals++ = high.total();
  }
}

// 16-bit sums of a tile of kVectors vectors, of both pixels of each.
template <int kVectors>
struct Sums {
  uint16x8_t all[kVectors][kLanes];
  uint16x8_t odd[kVectors][kLanes];
};

inline void add_bytes(uint8x16_t bytes, uint16x8_t& all, uint16x8_t& odd) {
  const uint16x8_t two = vreinterpretq_u16_u8(bytes);
  all = vaddq_u16(all, two);
  odd = vsraq_n_u16(odd, two, 8);
}

// Adds the runs first..end, all of kTaps taps; bytes are filled across runs. Returns the weights
// behind them.
template <int kVectors, int kTaps>
const std::uint8_t* add_runs(const LookupTask& task, int first, int end,
                             const std::uint8_t* weights, Sums<kVectors>& sums) {
  const std::ptrdiff_t group_stride = task.group_stride;
  const std::uint8_t* tables = task.tables + task.runs[first].offset;
  int groups = task.groups;  // that are left of run `first`
  while (first < end) {
    uint8x16_t both[kVectors];
    uint8x16_t high[kVectors];
    for (int v = 0; v < kVectors; ++v) both[v] = high[v] = vdupq_n_u8(0);
    for (int room = kMaxAdded / kTaps; room > 0 && first < end;) {
      const int step = groups < room ? groups : room;
      for (int g = 0; g < step; ++g) {
        uint8x16_t indices[kTaps];
        for (int j = 0; j < kTaps; ++j) indices[j] = vld1q_u8(weights + j * kTile);
#pragma GCC unroll 16
        for (int at = 0; at < kVectors + kTaps - 1; ++at) {
          const uint8x16_t table = vld1q_u8(tables + at * kTableBytes);
#pragma GCC unroll 4
          for (int j = 0; j < kTaps; ++j) {
            const int v = at - j;
            if (v < 0 || v >= kVectors) continue;
            const uint8x16_t found = vqtbl1q_u8(table, indices[j]);
            both[v] = vaddq_u8(both[v], found);
            high[v] = vsraq_n_u8(high[v], found, 4);
          }
        }
        tables += group_stride;
        weights += kTaps * kTile;
      }
      room -= step;
      groups -= step;
      if (groups > 0 || ++first == end) continue;
      tables = task.tables + task.runs[first].offset;
      groups = task.groups;
    }
    for (int v = 0; v < kVectors; ++v) {
      add_bytes(vmlsq_u8(both[v], high[v], vdupq_n_u8(16)), sums.all[v][0], sums.odd[v][0]);
      add_bytes(high[v], sums.all[v][1], sums.odd[v][1]);
    }
    asm volatile("" : : : "memory");  // or gcc 12 keeps and spills a second copy of the sums
  }
  return weights;
}

// The end of the stretch of runs from `first` on that have as many taps.
inline int stretch_of(const LookupTask& task, int first) {
  int end = first + 1;
  while (end < task.run_count && task.runs[end].taps == task.runs[first].taps) ++end;
  return end;
}

// Sums of +1 weights to sums of all: 2 sum - total, mod 2^16, for 2 sum alone may not fit.
inline int16x8_t finished(uint16x8_t sum, std::int32_t total) {
  return vreinterpretq_s16_u16(
      vsubq_u16(vshlq_n_u16(sum, 1), vdupq_n_u16(static_cast<std::uint16_t>(total))));
}

template <int kVectors>
void tiles(const LookupTask& task) {
  const WindowTotals<kLanes, kMaxVectors, 16> windows(task);
  const std::uint8_t* weights = task.weights;
  for (int n = 0; n < task.channels; n += kTile) {
    Sums<kVectors> sums;
    for (int v = 0; v < kVectors; ++v) {
      for (int l = 0; l < kLanes; ++l) sums.all[v][l] = sums.odd[v][l] = vdupq_n_u16(0);
    }
    for (int r = 0; r < task.run_count;) {
      const int end = stretch_of(task, r);
      const int taps = task.runs[r].taps;
      const auto add = taps == 3   ? add_runs<kVectors, 3>
                       : taps == 2 ? add_runs<kVectors, 2>
                                   : add_runs<kVectors, 1>;
      weights = add(task, r, end, weights, sums);
      r = end;
    }
    for (int v = 0; v < kVectors; ++v) {
      for (int l = 0; l < kLanes; ++l) {
        const std::int32_t total = windows.totals[v * kLanes + l];
        const uint16x8_t odd = sums.odd[v][l];
        const uint16x8_t even = vsubq_u16(sums.all[v][l], vshlq_n_u16(odd, 8));
        std::int16_t* const to = task.sums + std::ptrdiff_t{l * kVectors + v} * task.channels + n;
        vst1q_s16(to, finished(even, total));
        vst1q_s16(to + 8, finished(odd, total));
      }
    }
  }
}

void multiply(const LookupTask& task) {
  using Tiles = void (*)(const LookupTask&);
  constexpr Tiles kTiles[kMaxVectors] = {tiles<1>, tiles<2>, tiles<3>, tiles<4>,
                                         tiles<5>, tiles<6>, tiles<7>, tiles<8>};
  kTiles[task.vectors - 1](task);
}

}  // namespace

void install_lookup(Kernels& kernels) {
  kernels.lookups[0] = {"lookup_pairs", kGroup,      kLanes, kLanes,
                        kTile,          kMaxVectors, build,  multiply};
  kernels.lookup_count = 1;
}

}  // namespace edgebin::kernels::neon
