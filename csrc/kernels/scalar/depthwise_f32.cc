// Depthwise convolution of f32; -ffp-contract=off keeps product and sum apart.
#include "kernels/kernels.h"

#include "kernels/generic/depthwise.h"

namespace edgebin::kernels::scalar {
namespace {

template <int kCount>
struct Channels {
  static constexpr int kChannels = kCount;
  static constexpr int kPixels = 1;
  struct Sums {
    float at[kCount];
  };

  explicit Channels(int) {}
  static Sums zero() { return {}; }
  static const float* weights(const float* at) { return at; }
  static Sums add(Sums sums, const float* at, const float* weights) {
    for (int i = 0; i < kCount; ++i) sums.at[i] += weights[i] * at[i];
    return sums;
  }
  template <bool kAdds>
  static void store(float* to, const Sums& sums) {
    for (int i = 0; i < kCount; ++i) to[i] = sums.at[i];
  }
};

void depthwise_f32(const DepthwiseF32Task& task) {
  depthwise<false, Channels<8>, Channels<1>>(task);
}

}  // namespace

void install_depthwise_f32(Kernels& kernels) { kernels.depthwise_f32 = depthwise_f32; }

}  // namespace edgebin::kernels::scalar
