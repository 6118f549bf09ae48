// How a convolution by lookup lays out a window row: where its taps find their tables, and the
// weights as indices in that order. It runs nothing.
//
// A row of tables is [group][phase][slot][lane]: position q of a lane (its input columns, counted
// from the first that tap 0 of its first pixel sees) lies in phase q % stride, slot q / stride, so
// that the tables of neighbouring output pixels are neighbours whatever the stride.
#ifndef EDGEBIN_OPS_CONV_LOOKUP_LAYOUT_H_
#define EDGEBIN_OPS_CONV_LOOKUP_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ops/conv/geometry.h"
#include "ops/layout.h"

namespace edgebin {

// Where a tap of a window row finds the table of a lane's first pixel.
struct TapPlace {
  int tap;
  int phase;
  int slot;
};

// Taps of one window row that see neighbouring slots of a phase.
struct TapRun {
  int first;  // in the list of places
  int taps;
};

class LookupLayout {
 public:
  static constexpr int kMostPhases = 4;

  // A lane has `vectors` output pixels. The stride of columns is at most kMostPhases.
  LookupLayout(const ConvGeometry& geometry, const kernels::Lookup& lookup, int vectors);

  int groups() const { return groups_; }  // of an input pixel
  int phases() const { return phases_; }  // that taps see: the first ones
  int slots() const { return slots_; }
  const std::vector<TapPlace>& places() const { return places_; }  // by phase, then by slot
  const std::vector<TapRun>& runs() const { return runs_; }
  const TapPlace& start_of(const TapRun& run) const { return places_[run.first]; }

  std::ptrdiff_t vector_bytes() const {
    return std::ptrdiff_t{lookup_.lanes / lookup_.shared} << lookup_.group;
  }
  std::ptrdiff_t group_stride() const { return std::ptrdiff_t{phases_} * slots_ * vector_bytes(); }
  std::ptrdiff_t row_bytes() const { return groups_ * group_stride(); }
  std::ptrdiff_t row_totals() const { return std::ptrdiff_t{phases_} * slots_ * lookup_.lanes; }

  // Of the packed weights, to each output channel.
  std::ptrdiff_t channel_bytes() const { return std::ptrdiff_t{geometry_.taps()} * groups_; }

  // The indices, as LookupTask takes them; those of channels past the last are zero.
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
  std::vector<TapPlace> places_;
  std::vector<TapRun> runs_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_LOOKUP_LAYOUT_H_
