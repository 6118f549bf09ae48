// The classes of positions against a walk over all of them.
#include "ops/conv/epilogue/border_bias.h"

#include <gtest/gtest.h>

namespace edgebin {
namespace {

void expect_classes(const Axis& axis, int size) {
  const BorderClasses classes(axis, size);
  const int positions = axis.output(size);
  int changes = 0;
  for (int at = 0; at < positions; ++at) {
    const int index = classes.class_at(at);
    ASSERT_LT(index, classes.count());
    EXPECT_EQ(classes.taps(index), axis.inside(at, size)) << at << " of " << size;
    if (at == 0 || axis.inside(at, size) != axis.inside(at - 1, size)) ++changes;
  }
  EXPECT_EQ(classes.count(), changes);
  EXPECT_EQ(classes.end_of(classes.count() - 1), positions);
}

TEST(BorderClasses, AreThoseOfAWalk) {
  for (const int kernel : {1, 2, 3, 7}) {
    for (const int stride : {1, 2, 5}) {
      for (const int dilation : {1, 3}) {
        for (const int padding : {0, 1, 4, 11}) {
          for (int size = 1; size < 40; ++size) {
            const Axis axis = {kernel, stride, dilation, padding, padding / 2};
            if (axis.output(size) > 0) expect_classes(axis, size);
          }
        }
      }
    }
  }
}

// With the most padding and the largest kernel, nearly every position has a class of its own, and
// their size is what bytes() says.
TEST(BorderClasses, HaveTheSizeThatIsCounted) {
  const Axis axis = {4096, 1, 1, 4096, 4096};
  const BorderClasses classes(axis, 1 << 24);
  EXPECT_EQ(classes.count(), 2 * 4096 + 1);
  EXPECT_EQ(classes.bytes(), Bytes{12} * (2 * 4096 + 1));
  expect_classes(axis, 5000);
}

}  // namespace
}  // namespace edgebin
