// Reductions and normalizations, in the order of their formulas. Rows are read one after the other,
// as they lie in memory; y holds the running value of each channel.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {
namespace {

void sum_rows(const RowsTask& task) {
  for (int c = 0; c < task.channels; ++c) task.y[c] = 0.0f;
  for (std::ptrdiff_t r = 0; r < task.rows; ++r) {
    const float* const x = task.x + r * task.row_step;
    for (int c = 0; c < task.channels; ++c) task.y[c] += x[c];
  }
}

void max_rows(const RowsTask& task) {
  for (int c = 0; c < task.channels; ++c) task.y[c] = -__builtin_inff();
  for (std::ptrdiff_t r = 0; r < task.rows; ++r) {
    const float* const x = task.x + r * task.row_step;
    for (int c = 0; c < task.channels; ++c) task.y[c] = x[c] > task.y[c] ? x[c] : task.y[c];
  }
}

// Combines term(c) of all channels, from `start` on, in interleaved parts.
template <class T, class Combine, class Term>
T over_channels(int channels, T start, const Combine& combine, const Term& term) {
  T parts[kReduceParts];
  for (T& part : parts) part = start;
  for (int c = 0; c < channels; ++c) {
    T& part = parts[c % kReduceParts];
    part = combine(part, term(c));
  }
  for (int half = kReduceParts / 2; half > 0; half /= 2) {
    for (int j = 0; j < half; ++j) parts[j] = combine(parts[j], parts[j + half]);
  }
  return parts[0];
}

template <class T, class Term>
T sum_over_channels(int channels, const Term& term) {
  return over_channels(channels, T{0}, [](T sum, T value) { return sum + value; }, term);
}

void sum_channels(const float* x, std::ptrdiff_t pixels, int channels, float* y) {
  for (std::ptrdiff_t p = 0; p < pixels; ++p, x += channels) {
    y[p] = sum_over_channels<float>(channels, [x](int c) { return x[c]; });
  }
}

void max_channels(const float* x, std::ptrdiff_t pixels, int channels, float* y) {
  const auto larger = [](float running, float value) { return value > running ? value : running; };
  for (std::ptrdiff_t p = 0; p < pixels; ++p, x += channels) {
    y[p] = over_channels(channels, -__builtin_inff(), larger, [x](int c) { return x[c]; });
  }
}

void argmax(const float* x, std::ptrdiff_t pixels, int channels, float* y) {
  for (std::ptrdiff_t p = 0; p < pixels; ++p, x += channels) {
    float best = -__builtin_inff();
    int at = 0;
    for (int c = 0; c < channels; ++c) {
      if (x[c] > best) {
        best = x[c];
        at = c;
      }
    }
    y[p] = static_cast<float>(at);
  }
}

void l2_normalize(const float* x, std::ptrdiff_t pixels, int channels, float eps, float* y) {
  for (std::ptrdiff_t p = 0; p < pixels; ++p, x += channels, y += channels) {
    const float length =
        __builtin_sqrtf(sum_over_channels<float>(channels, [x](int c) { return x[c] * x[c]; }));
    const float divisor = eps > length ? eps : length;
    for (int c = 0; c < channels; ++c) y[c] = x[c] / divisor;
  }
}

void moment_rows(const MomentTask& task) {
  for (int c = 0; c < task.channels; ++c) task.y[c] = 0.0;
  for (std::ptrdiff_t r = 0; r < task.rows; ++r) {
    const float* const x = task.x + r * task.row_step;
    for (int c = 0; c < task.channels; ++c) {
      const double difference = task.means == nullptr ? 0.0 : x[c] - task.means[c];
      task.y[c] += task.means == nullptr ? double{x[c]} : difference * difference;
    }
  }
}

void group_norm(const GroupNormTask& task) {
  const float* x = task.x;
  float* y = task.y;
  for (std::ptrdiff_t p = 0; p < task.pixels; ++p, x += task.channels, y += task.channels) {
    for (int c = 0; c < task.channels; ++c) {
      const double normal = (x[c] - task.means[c]) * task.factors[c];
      y[c] = static_cast<float>(normal * task.scale[c] + task.bias[c]);
    }
  }
}

void layer_norm(const LayerNormTask& task) {
  const int channels = task.channels;
  const float* x = task.x;
  float* y = task.y;
  for (std::ptrdiff_t p = 0; p < task.pixels; ++p, x += channels, y += channels) {
    const double mean =
        sum_over_channels<double>(channels, [x](int c) { return double{x[c]}; }) / channels;
    const double variance = sum_over_channels<double>(channels,
                                                      [x, mean](int c) {
                                                        const double difference = x[c] - mean;
                                                        return difference * difference;
                                                      }) /
                            channels;
    const double factor = 1.0 / __builtin_sqrt(variance + task.eps);
    for (int c = 0; c < channels; ++c) {
      y[c] = static_cast<float>((x[c] - mean) * factor * task.scale[c] + task.bias[c]);
    }
  }
}

}  // namespace

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

}  // namespace edgebin::kernels::scalar
