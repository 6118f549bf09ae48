// SHA-256 of the examples of FIPS 180-4, and where blocks end.
#include "cli/io/sha256.h"

#include <gtest/gtest.h>

namespace edgebin::cli {
namespace {

TEST(Sha256, ExamplesOfTheStandard) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, AFileThatIsNotThereHasNone) {
  EXPECT_FALSE(sha256_of_file("/none/such"));
  EXPECT_TRUE(sha256_of_file("/proc/self/exe"));
}

}  // namespace
}  // namespace edgebin::cli
