#include "ops/constants.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

namespace edgebin {
namespace {

template <class T>
T element_as(const Constant& constant, std::int64_t index) {
  switch (constant.type) {
    case ConstantType::kS8:
      return static_cast<T>(constant.element<std::int8_t>(index));
    case ConstantType::kI16:
      return static_cast<T>(constant.element<std::int16_t>(index));
    case ConstantType::kI32:
      return static_cast<T>(constant.element<std::int32_t>(index));
    default:
      return static_cast<T>(constant.element<float>(index));
  }
}

template <class T>
T threshold_as(const Constant& thresholds, std::int64_t index) {
  if constexpr (std::is_same_v<T, std::int16_t>) {
    const auto value = element_as<std::int32_t>(thresholds, index);
    return static_cast<T>(std::clamp<std::int32_t>(value, std::numeric_limits<T>::min(),
                                                   std::numeric_limits<T>::max()));
  } else {
    return element_as<T>(thresholds, index);
  }
}

}  // namespace

std::vector<float> floats_of(const Constant& constant) {
  std::vector<float> values(static_cast<std::size_t>(constant.elements()));
  std::memcpy(values.data(), constant.bytes.data(), constant.bytes.size());
  return values;
}

template <class T>
void read_row(const Constant& constant, std::int64_t row, std::span<T> values) {
  const auto length = static_cast<std::size_t>(constant.row_length());
  if (constant.type == ConstantType::kBit) {
    const std::byte* const bits =
        constant.bytes.data() + row * static_cast<std::ptrdiff_t>(constant.row_bytes());
    for (std::size_t k = 0; k < length; ++k) {
      const bool positive = (std::to_integer<int>(bits[k / 8]) >> (k % 8) & 1) != 0;
      values[k] = positive ? T{1} : T{-1};
    }
    return;
  }
  const std::int64_t first = row * constant.row_length();
  for (std::size_t k = 0; k < length; ++k) {
    values[k] = element_as<T>(constant, first + static_cast<std::int64_t>(k));
  }
}

template void read_row(const Constant&, std::int64_t, std::span<std::int8_t>);
template void read_row(const Constant&, std::int64_t, std::span<std::int32_t>);
template void read_row(const Constant&, std::int64_t, std::span<float>);

void read_row_bits(const Constant& constant, std::int64_t row, std::span<Word> words) {
  const auto bytes = static_cast<std::size_t>(constant.row_bytes());
  std::memcpy(words.data(), constant.bytes.data() + static_cast<std::size_t>(row) * bytes, bytes);
}

template <class T>
Operand<T> thresholds_by_rank(const Constant& thresholds, int stride) {
  Operand<T> result(static_cast<std::size_t>(3) * stride);
  for (std::int64_t channel = 0; channel < thresholds.rows(); ++channel) {
    for (int rank = 0; rank < 3; ++rank) {
      result[static_cast<std::size_t>(rank) * stride + static_cast<std::size_t>(channel)] =
          threshold_as<T>(thresholds, 3 * channel + rank);
    }
  }
  return result;
}

template Operand<std::int16_t> thresholds_by_rank(const Constant&, int);
template Operand<std::int32_t> thresholds_by_rank(const Constant&, int);
template Operand<float> thresholds_by_rank(const Constant&, int);

}  // namespace edgebin
