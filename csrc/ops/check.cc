#include "ops/check.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>

#include "base/error.h"

namespace edgebin {
namespace {

template <class List>
bool contains(const List& list, const auto& value) {
  return std::ranges::find(list, value) != list.end();
}

template <class Types>
std::string alternatives(const Types& types) {
  std::string joined;
  for (const auto type : types) {
    if (!joined.empty()) joined += " or ";
    joined += name_of(type);
  }
  return joined;
}

std::string sizes(std::initializer_list<std::int64_t> dims) {
  std::string joined;
  for (const std::int64_t size : dims) {
    if (!joined.empty()) joined += ", ";
    joined += size == 0 ? "any" : message(size);
  }
  return joined;
}

template <class T>
void require_ascending(const NodeView& view, const Constant& thresholds) {
  for (std::int64_t row = 0; row < thresholds.rows(); ++row) {
    const T low = thresholds.element<T>(3 * row);
    const T middle = thresholds.element<T>(3 * row + 1);
    const T high = thresholds.element<T>(3 * row + 2);
    if (low <= middle && middle <= high) continue;  // false for NaN
    const auto text = [](T value) {
      if constexpr (std::is_floating_point_v<T>) return std::to_string(value);
      return message(static_cast<int>(value));
    };
    refuse(view, Rule::kConstantThresholds,
           message("thresholds of channel ", row, " are expected to ascend, found ", text(low),
                   ", ", text(middle), ", ", text(high)));
  }
}

}  // namespace

void refuse(const NodeView& view, Rule rule, std::string_view reason) {
  refuse_file(rule, message(view.node.op, ' ', quoted(view.node.name), ": ", reason));
}

void require_inputs(const NodeView& view, std::size_t count, DTypes accepted) {
  if (view.inputs.size() != count) {
    refuse(
        view, Rule::kNodeInputs,
        message("takes ", count, count == 1 ? " input" : " inputs", ", has ", view.inputs.size()));
  }
  for (const ValueType& input : view.inputs) {
    if (contains(accepted, input.dtype)) continue;
    refuse(view, Rule::kNodeType,
           message("takes ", alternatives(accepted), ", input is ", name_of(input.dtype)));
  }
}

void require_roles(const NodeView& view, Names required, Names optional) {
  for (const std::string_view role : required) {
    if (!view.node.constants.contains(role)) {
      refuse(view, Rule::kNodeConstant, message("needs a constant ", quoted(role), ", has none"));
    }
  }
  for (const auto& [role, constant] : view.node.constants) {
    if (contains(required, role) || contains(optional, role)) continue;
    refuse(view, Rule::kNodeConstant, message("takes no constant ", quoted(role)));
  }
}

void require_keys(const NodeView& view, Names keys) {
  for (const auto& [key, value] : view.node.attributes) {
    if (!contains(keys, key))
      refuse(view, Rule::kNodeAttribute, message("takes no attribute ", quoted(key)));
  }
}

int attribute_or(const NodeView& view, std::string_view key, int low, int high, int absent) {
  const auto attribute = view.node.attributes.find(key);
  if (attribute == view.node.attributes.end()) return absent;
  const std::int32_t value = attribute->second;
  if (value < low || value > high) {
    refuse(view, Rule::kAttributeRange,
           message(key, " is ", value, ", expected ", low, " to ", high));
  }
  return value;
}

int required_attribute(const NodeView& view, std::string_view key, int low, int high) {
  if (!view.node.attributes.contains(key)) {
    refuse(view, Rule::kNodeAttribute, message("needs an attribute ", quoted(key), ", has none"));
  }
  return attribute_or(view, key, low, high, low);
}

const Constant& constant_of(const NodeView& view, std::string_view role, ConstantTypes types,
                            std::initializer_list<std::int64_t> dims) {
  const Constant* const constant = optional_constant(view, role, types, dims);
  if (constant == nullptr)
    refuse(view, Rule::kNodeConstant, message("needs a constant ", quoted(role), ", has none"));
  return *constant;
}

const Constant* optional_constant(const NodeView& view, std::string_view role, ConstantTypes types,
                                  std::initializer_list<std::int64_t> dims) {
  const auto entry = view.node.constants.find(role);
  if (entry == view.node.constants.end()) return nullptr;
  const Constant& constant = entry->second;
  const bool of_type = contains(types, constant.type);
  bool fits = of_type && static_cast<std::size_t>(constant.rank) == dims.size();
  for (std::size_t i = 0; fits && i < dims.size(); ++i) {
    const std::int64_t expected = dims.begin()[i];
    fits = expected == 0 || expected == constant.dims[i];
  }
  if (!fits) {
    refuse(view, of_type ? Rule::kConstantShape : Rule::kConstantType,
           message(role, ": expected ", alternatives(types), " [", sizes(dims), "], found ",
                   describe(constant)));
  }
  return &constant;
}

void require_finite(const NodeView& view, std::string_view role, const Constant& constant) {
  for (std::int64_t i = 0; i < constant.elements(); ++i) {
    const auto value = constant.element<float>(i);
    if (std::isfinite(value)) continue;
    refuse(view, Rule::kConstantFinite,
           message(role, ": element ", i, " is ", std::isnan(value) ? "NaN" : "infinite",
                   ", expected a finite number"));
  }
}

const Constant* optional_f32(const NodeView& view, std::string_view role, std::int64_t channels) {
  const Constant* const constant = optional_constant(view, role, {ConstantType::kF32}, {channels});
  if (constant != nullptr) require_finite(view, role, *constant);
  return constant;
}

const Constant& thresholds_of(const NodeView& view, ConstantTypes types, std::int64_t channels) {
  const Constant& thresholds = constant_of(view, "thresholds", types, {channels, 3});
  switch (thresholds.type) {
    case ConstantType::kI16:
      require_ascending<std::int16_t>(view, thresholds);
      break;
    case ConstantType::kI32:
      require_ascending<std::int32_t>(view, thresholds);
      break;
    default:
      require_ascending<float>(view, thresholds);
  }
  return thresholds;
}

ValueType output_type(const NodeView& view, DType dtype, std::int64_t h, std::int64_t w,
                      std::int64_t c) {
  std::int64_t elements = 1;  // no overflow: at most 2^28 x 2^24 where the check fails
  for (const std::int64_t size : {h, w, c}) {
    if (size < 1 || size > kMaxDimension) {
      refuse(view, Rule::kNodeOutput,
             message("output is ", h, 'x', w, 'x', c, ", expected dimensions of 1 to ",
                     kMaxDimension));
    }
    elements *= size;
    if (elements > kMaxElements) {
      refuse(view, Rule::kNodeOutput,
             message("output is ", h, 'x', w, 'x', c, ", expected at most ", kMaxElements,
                     " elements"));
    }
  }
  return {dtype, {static_cast<int>(h), static_cast<int>(w), static_cast<int>(c)}};
}

}  // namespace edgebin
