// Reductions over rows, a vector of channels at a time, and over the channels of a pixel, whose
// interleaved parts (kReduceParts, kernels.h) are whole vectors.
//
// The folder's reduce.cc defines vectors with the operators of arithmetic:
//
//   Floats, kLanes   broadcast, larger(value, running)
//   Doubles, kWide   broadcast
//   Best             the largest values so far and their channels, as floats: take(value, at)
//
// and how vectors are loaded and stored, kChannels at a time; Last(count) for `count` that are
// left:
//
//   Whole, Last          of Floats: load, store
//   WholeWide, LastWide  of Doubles: load, store; widen, narrow from and to f32
#ifndef EDGEBIN_KERNELS_GENERIC_REDUCE_H_
#define EDGEBIN_KERNELS_GENERIC_REDUCE_H_

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

static_assert(kReduceParts % kLanes == 0 && kReduceParts % kWide == 0);

inline float larger(float value, float running) { return value > running ? value : running; }

struct Sum {
  static constexpr float kStart = 0.0f;
  template <class T>
  static T take(T running, T value) {
    return running + value;
  }
};

struct Max {
  static constexpr float kStart = -__builtin_inff();
  template <class T>
  static T take(T running, T value) {
    return larger(value, running);
  }
};

// Calls body<vectors>(lanes, c) for all channels, with four vectors side by side where there are as
// many: they hide each other's latencies.
template <class WholeLanes, class LastLanes, class Body>
void for_channels(int channels, const Body& body) {
  constexpr int kStep = WholeLanes::kChannels;
  int c = 0;
  for (; c + 4 * kStep <= channels; c += 4 * kStep) body.template operator()<4>(WholeLanes{}, c);
  for (; c + kStep <= channels; c += kStep) body.template operator()<1>(WholeLanes{}, c);
  for (; c < channels; c += LastLanes::kChannels) {
    body.template operator()<1>(LastLanes(channels - c), c);
  }
}

// Calls body(first, end) for ranges of rows that fit the first-level cache, so that memory is read
// as it lies although channels are taken in blocks.
template <class Body>
void for_row_tiles(int rows, int channels, const Body& body) {
  constexpr int kTileElements = 4096;
  const int tile = channels < kTileElements ? kTileElements / channels : 1;
  for (int first = 0; first < rows;) {
    const int end = tile < rows - first ? first + tile : rows;
    body(first, end);
    first = end;
  }
}

template <class Reduce>
void reduce_rows(const RowsTask& task) {
  for_row_tiles(task.rows, task.channels, [&](int first, int end) {
    for_channels<Whole, Last>(task.channels, [&]<int kVectors>(const auto& lanes, int c) {
      Floats running[kVectors];
      for (int v = 0; v < kVectors; ++v) {
        running[v] = first == 0 ? broadcast(Reduce::kStart) : lanes.load(task.y + c + v * kLanes);
      }
      for (std::ptrdiff_t r = first; r < end; ++r) {
        const float* const at = task.x + r * task.row_step + c;
        for (int v = 0; v < kVectors; ++v) {
          running[v] = Reduce::take(running[v], lanes.load(at + v * kLanes));
        }
      }
      for (int v = 0; v < kVectors; ++v) lanes.store(task.y + c + v * kLanes, running[v]);
    });
  });
}

void sum_rows(const RowsTask& task) { reduce_rows<Sum>(task); }

void max_rows(const RowsTask& task) { reduce_rows<Max>(task); }

// Of x, or of the squared differences from the means.
template <bool kSquares>
void sum_moments(const MomentTask& task) {
  for_row_tiles(task.rows, task.channels, [&](int first, int end) {
    for_channels<WholeWide, LastWide>(task.channels, [&]<int kVectors>(const auto& lanes, int c) {
      Doubles running[kVectors];
      Doubles means[kVectors];
      for (int v = 0; v < kVectors; ++v) {
        running[v] = first == 0 ? broadcast(0.0) : lanes.load(task.y + c + v * kWide);
        means[v] = kSquares ? lanes.load(task.means + c + v * kWide) : broadcast(0.0);
      }
      for (std::ptrdiff_t r = first; r < end; ++r) {
        const float* const at = task.x + r * task.row_step + c;
        for (int v = 0; v < kVectors; ++v) {
          Doubles value = lanes.widen(at + v * kWide);
          if constexpr (kSquares) {
            value = value - means[v];
            value = value * value;
          }
          running[v] = running[v] + value;
        }
      }
      for (int v = 0; v < kVectors; ++v) lanes.store(task.y + c + v * kWide, running[v]);
    });
  });
}

void moment_rows(const MomentTask& task) {
  if (task.means == nullptr) {
    sum_moments<false>(task);
  } else {
    sum_moments<true>(task);
  }
}

// The parts of a pixel combined to one. A part without channels holds the start, which changes
// nothing.
template <class Reduce, class T>
T combine_parts(T* parts, int channels) {
  if (channels > 8) {
    for (int j = 0; j < 8; ++j) parts[j] = Reduce::take(parts[j], parts[j + 8]);
  }
  if (channels > 4) {
    for (int j = 0; j < 4; ++j) parts[j] = Reduce::take(parts[j], parts[j + 4]);
  }
  if (channels > 2) {
    for (int j = 0; j < 2; ++j) parts[j] = Reduce::take(parts[j], parts[j + 2]);
  }
  return Reduce::take(parts[0], parts[1]);
}

// Combines term(x[c]) over the channels of a pixel; `load` reads a vector of x, of kStep channels.
template <class Reduce, class T, class Vector, int kStep, class Load, class Store, class Term>
T reduce_pixel(const float* x, int channels, const Load& load, const Store& store,
               const Term& term) {
  constexpr int kVectors = kReduceParts / kStep;
  alignas(64) T parts[kReduceParts];
  Vector running[kVectors];
  for (int v = 0; v < kVectors; ++v) running[v] = broadcast(T{Reduce::kStart});
  int c = 0;
  for (; c + kReduceParts <= channels; c += kReduceParts) {
    for (int v = 0; v < kVectors; ++v) {
      running[v] = Reduce::take(running[v], term(load(x + c + v * kStep)));
    }
  }
  for (int v = 0; v < kVectors; ++v) store(parts + v * kStep, running[v]);
  for (int j = 0; c < channels; ++c, ++j) parts[j] = Reduce::take(parts[j], term(T{x[c]}));
  return combine_parts<Reduce>(parts, channels);
}

template <class Reduce, class Term>
float reduce_f32(const float* x, int channels, const Term& term) {
  return reduce_pixel<Reduce, float, Floats, kLanes>(x, channels, Whole::load, Whole::store, term);
}

template <class Term>
double sum_f64(const float* x, int channels, const Term& term) {
  return reduce_pixel<Sum, double, Doubles, kWide>(x, channels, WholeWide::widen, WholeWide::store,
                                                   term);
}

struct Itself {
  template <class T>
  T operator()(T value) const {
    return value;
  }
};

struct Square {
  template <class T>
  T operator()(T value) const {
    return value * value;
  }
};

struct SquaredDifference {
  double mean;
  Doubles means;
  double operator()(double value) const { return (value - mean) * (value - mean); }
  Doubles operator()(Doubles value) const { return (value - means) * (value - means); }
};

void sum_channels(const float* x, std::ptrdiff_t pixels, int channels, float* y) {
  for (std::ptrdiff_t p = 0; p < pixels; ++p, x += channels) {
    y[p] = reduce_f32<Sum>(x, channels, Itself{});
  }
}

void max_channels(const float* x, std::ptrdiff_t pixels, int channels, float* y) {
  for (std::ptrdiff_t p = 0; p < pixels; ++p, x += channels) {
    y[p] = reduce_f32<Max>(x, channels, Itself{});
  }
}

// The lane with the largest value, and the lowest channel among equal ones.
inline void combine_lanes(float* values, float* at) {
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int j = 0; j < half; ++j) {
      const float value = values[j + half];
      const bool takes = value > values[j] || (value == values[j] && at[j + half] < at[j]);
      values[j] = takes ? value : values[j];
      at[j] = takes ? at[j + half] : at[j];
    }
  }
}

void argmax(const float* x, std::ptrdiff_t pixels, int channels, float* y) {
  alignas(64) float first[kLanes];
  for (int j = 0; j < kLanes; ++j) first[j] = static_cast<float>(j);
  for (std::ptrdiff_t p = 0; p < pixels; ++p, x += channels) {
    alignas(64) float values[kLanes] = {-__builtin_inff()};
    alignas(64) float channel[kLanes] = {};
    int c = 0;
    if (channels >= kLanes) {
      Best best;
      Floats at = Whole::load(first);
      for (; c + kLanes <= channels; c += kLanes) {
        best.take(Whole::load(x + c), at);
        at = at + broadcast(static_cast<float>(kLanes));
      }
      Whole::store(values, best.values);
      Whole::store(channel, best.at);
      combine_lanes(values, channel);
    }
    for (; c < channels; ++c) {
      const bool takes = x[c] > values[0];
      values[0] = takes ? x[c] : values[0];
      channel[0] = takes ? static_cast<float>(c) : channel[0];
    }
    y[p] = channel[0];
  }
}

void l2_normalize(const float* x, std::ptrdiff_t pixels, int channels, float eps, float* y) {
  for (std::ptrdiff_t p = 0; p < pixels; ++p, x += channels, y += channels) {
    const float length = __builtin_sqrtf(reduce_f32<Sum>(x, channels, Square{}));
    const Floats divisor = broadcast(eps > length ? eps : length);
    for_channels<Whole, Last>(channels, [&]<int kVectors>(const auto& lanes, int c) {
      for (int v = 0; v < kVectors; ++v) {
        lanes.store(y + c + v * kLanes, lanes.load(x + c + v * kLanes) / divisor);
      }
    });
  }
}

void group_norm(const GroupNormTask& task) {
  const float* x = task.x;
  float* y = task.y;
  for (std::ptrdiff_t p = 0; p < task.pixels; ++p, x += task.channels, y += task.channels) {
    for_channels<WholeWide, LastWide>(task.channels, [&]<int kVectors>(const auto& lanes, int c) {
      for (int v = 0; v < kVectors; ++v, c += kWide) {
        const Doubles normal =
            (lanes.widen(x + c) - lanes.load(task.means + c)) * lanes.load(task.factors + c);
        lanes.narrow(y + c, normal * lanes.widen(task.scale + c) + lanes.widen(task.bias + c));
      }
    });
  }
}

void layer_norm(const LayerNormTask& task) {
  const int channels = task.channels;
  const float* x = task.x;
  float* y = task.y;
  for (std::ptrdiff_t p = 0; p < task.pixels; ++p, x += channels, y += channels) {
    const double mean = sum_f64(x, channels, Itself{}) / channels;
    const Doubles means = broadcast(mean);
    const double variance = sum_f64(x, channels, SquaredDifference{mean, means}) / channels;
    const Doubles factor = broadcast(1.0 / __builtin_sqrt(variance + task.eps));
    for_channels<WholeWide, LastWide>(channels, [&]<int kVectors>(const auto& lanes, int c) {
      for (int v = 0; v < kVectors; ++v, c += kWide) {
        const Doubles normal = (lanes.widen(x + c) - means) * factor;
        lanes.narrow(y + c, normal * lanes.widen(task.scale + c) + lanes.widen(task.bias + c));
      }
    });
  }
}

}  // namespace

// NOLINTNEXTLINE(misc-definitions-in-headers): one file of a folder includes this
void install_reduce(Kernels& kernels) {
  kernels.sum_rows = sum_rows;
  kernels.max_rows = max_rows;
  kernels.sum_channels = sum_channels;
  kernels.max_channels = max_channels;
  kernels.argmax = argmax;
  kernels.l2_normalize = l2_normalize;
  kernels.moment_rows = moment_rows;
  kernels.group_norm = group_norm;
  kernels.layer_norm = layer_norm;
}

}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_REDUCE_H_
