// How a convolution by lookup lays out its operands: where the taps of a window row find their
// tables, and the weights as indices in that order.
//
// A row of tables is [group][phase][slot][lane]. Input column q of a lane, counted from the one
// that tap 0 of its first pixel reads, lies in phase q % stride, slot q / stride, so that the
// tables of neighbouring output pixels are neighbours whatever the stride.
#ifndef EDGEBIN_OPS_CONV_ALGORITHMS_LOOKUP_LAYOUT_H_
#define EDGEBIN_OPS_CONV_ALGORITHMS_LOOKUP_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ops/conv/geometry.h"
#include "ops/layout.h"

namespace edgebin {

// Where a tap of a window row finds the table of a lane's first pixel.
struct TapPosition {
  int tap;
  int phase;
  int slot;
};

// Taps of one window row that read neighbouring slots of a phase.
struct TapRun {
  int first;  // index in positions()
  int taps;
};

// The largest tile and the smallest group of any instruction set. lookup_packed_bound counts with
// them on every machine, so that all machines refuse the same files.
inline constexpr int kMaxLookupTile = 64;
inline constexpr int kMinLookupGroup = 4;

class LookupLayout {
 public:
  static constexpr int kMaxPhases = 4;

  // A lane has `vectors` output pixels. The stride of columns is at most kMaxPhases.
  LookupLayout(const ConvGeometry& geometry, const kernels::Lookup& lookup, int vectors);

  int groups() const { return groups_; }  // of an input pixel
  int phases() const { return phases_; }  // that taps read: the first ones
  int slots() const { return slots_; }
  const std::vector<TapPosition>& positions() const { return positions_; }  // by phase, slot
  const std::vector<TapRun>& runs() const { return runs_; }
  const TapPosition& start_of(const TapRun& run) const { return positions_[run.first]; }

  std::ptrdiff_t vector_bytes() const {
    return std::ptrdiff_t{lookup_.lanes / lookup_.shared} << lookup_.group;
  }
  std::ptrdiff_t group_stride() const { return std::ptrdiff_t{phases_} * slots_ * vector_bytes(); }
  std::ptrdiff_t row_bytes() const { return groups_ * group_stride(); }
  std::ptrdiff_t row_totals() const { return std::ptrdiff_t{phases_} * slots_ * lookup_.lanes; }

  // Bytes of the packed weights per output channel.
  std::ptrdiff_t channel_bytes() const { return std::ptrdiff_t{geometry_.taps()} * groups_; }

  // Packs the weights as the indices that LookupTask takes; those of padding channels are zero.
  Operand<std::uint8_t> pack(const Constant& weights) const;

 private:
  void place_taps(int vectors);
  void join_taps();
  void pack_tile(const Word* lanes, std::uint8_t* to) const;
  void pack_group(const Word* lanes, int tap, int group, std::uint8_t* to) const;

  ConvGeometry geometry_;
  const kernels::Lookup& lookup_;
  int groups_;
  int phases_;
  int slots_ = 0;
  std::vector<TapPosition> positions_;
  std::vector<TapRun> runs_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_ALGORITHMS_LOOKUP_LAYOUT_H_
