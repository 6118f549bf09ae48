// Pooling windows, a vector of channels at a time, four where there are as many: side by side they
// hide each other's latencies.
//
// The folder's pool.cc defines kLanes; of vectors of f32 lowest, zero, broadcast, larger, add and
// divide; of vectors of i32 larger and bit_xor; and how vectors are loaded and stored, of f32 and
// of i32:
//
//   Whole  of kLanes channels
//   Last   of the last channels, kChannels at a time; Last(count) of `count` that are left
#ifndef EDGEBIN_KERNELS_GENERIC_POOL_H_
#define EDGEBIN_KERNELS_GENERIC_POOL_H_

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

struct Max {
  static auto start() { return lowest(); }
  template <class Vector>
  static Vector take(Vector running, Vector value) {
    return larger(value, running);
  }
  template <class Vector>
  static Vector finish(Vector running) {
    return running;
  }
};

struct Mean {
  float divisor;
  static auto start() { return zero(); }
  template <class Vector>
  static Vector take(Vector running, Vector value) {
    return add(running, value);
  }
  template <class Vector>
  Vector finish(Vector running) const {
    return divide(running, broadcast(divisor));
  }
};

// kVectors vectors of channels from c on.
template <int kVectors, class Reduce, class Lanes>
void reduce(const float* const* taps, int count, int c, const Reduce& reduction, const Lanes& lanes,
            float* y) {
  decltype(Reduce::start()) running[kVectors];
  for (int v = 0; v < kVectors; ++v) running[v] = Reduce::start();
  for (int t = 0; t < count; ++t) {
    const float* const at = taps[t] + c;
    for (int v = 0; v < kVectors; ++v) {
      running[v] = Reduce::take(running[v], lanes.load(at + v * kLanes));
    }
  }
  for (int v = 0; v < kVectors; ++v) {
    lanes.store(y + c + v * kLanes, reduction.finish(running[v]));
  }
}

template <int kVectors, class Lanes>
void reduce_sums(const std::int32_t* const* taps, int count, int c, const std::int32_t* flip,
                 const Lanes& lanes, std::int32_t* y) {
  decltype(lanes.load(flip)) flips[kVectors];
  decltype(lanes.load(flip)) running[kVectors];
  const auto tap = [&](int t, int v) {
    return bit_xor(lanes.load(taps[t] + c + v * kLanes), flips[v]);
  };
  for (int v = 0; v < kVectors; ++v) {
    flips[v] = lanes.load(flip + c + v * kLanes);
    running[v] = tap(0, v);
  }
  for (int t = 1; t < count; ++t) {
    for (int v = 0; v < kVectors; ++v) running[v] = larger(running[v], tap(t, v));
  }
  for (int v = 0; v < kVectors; ++v) {
    lanes.store(y + c + v * kLanes, bit_xor(running[v], flips[v]));
  }
}

// Calls reduce_from<vectors>(lanes, c) for all channels.
template <class Call>
void for_channels(int channels, const Call& reduce_from) {
  int c = 0;
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) {
    reduce_from.template operator()<4>(Whole{}, c);
  }
  for (; c + kLanes <= channels; c += kLanes) reduce_from.template operator()<1>(Whole{}, c);
  for (; c < channels; c += Last::kChannels) {
    reduce_from.template operator()<1>(Last(channels - c), c);
  }
}

template <class Reduce>
void pool(const float* const* taps, int count, int channels, const Reduce& reduction, float* y) {
  for_channels(channels, [&]<int kVectors>(const auto& lanes, int c) {
    reduce<kVectors>(taps, count, c, reduction, lanes, y);
  });
}

void max(const float* const* taps, int count, int channels, float* y) {
  pool(taps, count, channels, Max{}, y);
}

void mean(const float* const* taps, int count, int channels, float divisor, float* y) {
  pool(taps, count, channels, Mean{divisor}, y);
}

void max_sum(const std::int32_t* const* taps, int count, int channels, const std::int32_t* flip,
             std::int32_t* y) {
  for_channels(channels, [&]<int kVectors>(const auto& lanes, int c) {
    reduce_sums<kVectors>(taps, count, c, flip, lanes, y);
  });
}

}  // namespace

// NOLINTNEXTLINE(misc-definitions-in-headers): one file of a folder includes this
void install_pool(Kernels& kernels) {
  kernels.max = max;
  kernels.max_sum = max_sum;
  kernels.mean = mean;
}

}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_POOL_H_
