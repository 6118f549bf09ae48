#include "ops/elementwise/arithmetic.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace edgebin {
namespace {

bool fit(int a, int b) { return a == b || a == 1 || b == 1; }

using Sizes = std::array<std::ptrdiff_t, 3>;

Sizes sizes_of(const Shape& shape) { return {shape.h, shape.w, shape.c}; }

// The output as rows of equal pattern: an input advances through a row element by element or is one
// number there, and from row to row and plane to plane by steps. Neighbouring dimensions that both
// inputs have, or that the same input lacks, are one.
struct Pattern {
  Sizes sizes;    // planes, rows of a plane, elements of a row
  Sizes a_steps;  // of an index: 0 where the input has one for all
  Sizes b_steps;
};

Pattern pattern_of(const Shape& a_shape, const Shape& b_shape) {
  const Sizes a = sizes_of(a_shape);
  const Sizes b = sizes_of(b_shape);
  Pattern pattern = {{1, 1, 1}, {0, 0, 0}, {0, 0, 0}};
  std::ptrdiff_t a_elements = 1;
  std::ptrdiff_t b_elements = 1;
  int at = 3;  // dimensions from here on are made
  bool a_has = false;
  bool b_has = false;
  for (int d = 2; d >= 0; --d) {
    const std::ptrdiff_t size = std::max(a[d], b[d]);
    if (size == 1) continue;
    if (at < 3 && a_has == (a[d] > 1) && b_has == (b[d] > 1)) {
      pattern.sizes[at] *= size;
    } else {
      --at;
      a_has = a[d] > 1;
      b_has = b[d] > 1;
      pattern.sizes[at] = size;
      pattern.a_steps[at] = a_has ? a_elements : 0;
      pattern.b_steps[at] = b_has ? b_elements : 0;
    }
    a_elements *= a[d];
    b_elements *= b[d];
  }
  return pattern;
}

class ArithmeticStep final : public Step {
 public:
  ArithmeticStep(kernels::BinaryFn function, const Pattern& pattern)
      : kernel_(function), pattern_(pattern) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const std::ptrdiff_t rows = pattern_.sizes[0] * pattern_.sizes[1];
    if (rows == 1) {  // one long row: blocks of its elements
      for_each_block(
          pool, pattern_.sizes[2], 1,
          [&](std::ptrdiff_t begin, std::ptrdiff_t end, int) { run_row(buffers, 0, begin, end); });
      return;
    }
    for_each_block(pool, rows, pattern_.sizes[2],
                   [&](std::ptrdiff_t row, std::ptrdiff_t last, int) {
                     for (; row < last; ++row) run_row(buffers, row, 0, pattern_.sizes[2]);
                   });
  }

 private:
  void run_row(const Buffers& buffers, std::ptrdiff_t row, std::ptrdiff_t begin,
               std::ptrdiff_t end) const noexcept {
    const std::ptrdiff_t plane = row / pattern_.sizes[1];
    const std::ptrdiff_t line = row % pattern_.sizes[1];
    const auto start = [&](const Sizes& steps) {
      return plane * steps[0] + line * steps[1] + begin * steps[2];
    };
    // Both have a single number if the output has.
    const bool a_is_one = pattern_.a_steps[2] == 0 && pattern_.b_steps[2] != 0;
    const bool b_is_one = pattern_.b_steps[2] == 0 && pattern_.a_steps[2] != 0;
    kernel_({.a = elements_of<float>(buffers.inputs[0]) + start(pattern_.a_steps),
             .b = elements_of<float>(buffers.inputs[1]) + start(pattern_.b_steps),
             .a_is_one = a_is_one,
             .b_is_one = b_is_one,
             .count = end - begin,
             .y = elements_of<float>(buffers.outputs[0]) + row * pattern_.sizes[2] + begin});
  }

  kernels::BinaryFn kernel_;
  Pattern pattern_;
};

}  // namespace

ValueType infer_arithmetic(const NodeView& view) {
  require_inputs(view, 2, {DType::kF32});
  require_roles(view, {});
  require_keys(view, {});
  const Shape& a = view.inputs[0].shape;
  const Shape& b = view.inputs[1].shape;
  const bool broadcasts =
      view.version >= kBroadcastsSince && fit(a.h, b.h) && fit(a.w, b.w) && fit(a.c, b.c);
  if (a != b && !broadcasts) {
    refuse(view, Rule::kNodeShape,
           message("takes two inputs of one shape",
                   view.version >= kBroadcastsSince ? ", or of 1 in a dimension" : "", ", found ",
                   describe(view.inputs[0]), " and ", describe(view.inputs[1])));
  }
  return output_type(view, DType::kF32, std::max(a.h, b.h), std::max(a.w, b.w), std::max(a.c, b.c));
}

std::unique_ptr<const Step> make_arithmetic_step(const NodeView& view, kernels::BinaryFn kernel) {
  const Pattern pattern = pattern_of(view.inputs[0].shape, view.inputs[1].shape);
  return std::make_unique<ArithmeticStep>(kernel, pattern);
}

}  // namespace edgebin
