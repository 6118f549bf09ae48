#include "base/core_share.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace edgebin {
namespace {

TEST(CoreShare, IsAShare) {
  double largest = 0;
  for (int i = 0; i < 100; ++i) {
    const auto share = measure_core_share();
    if (!share) GTEST_SKIP() << "this machine has no AVX2";
    EXPECT_GT(*share, 0);
    EXPECT_LE(*share, 1);
    largest = std::max(largest, *share);
  }
  EXPECT_GT(largest, 0.3);  // a thread of two, on the narrowest core
}

}  // namespace
}  // namespace edgebin
