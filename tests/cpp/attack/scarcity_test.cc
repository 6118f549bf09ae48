// Lets the n-th allocation fail, for every n that loading and running or verifying a network
// reaches. Each time the caller gets std::bad_alloc or an Error, from the C interface the status,
// no memory leaks, and any result that is returned nevertheless is right.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "attack/every.h"
#include "attack/memory.h"
#include "base/error.h"
#include "base/float_bits.h"
#include "edgebin/edgebin.h"
#include "edgebin/model.h"
#include "runtime/corpus.h"

namespace edgebin::attack {
namespace {

using Bits = FloatBits;

// One way to use a network: from memory or mapped, with so many threads.
struct Use {
  std::filesystem::path path;
  std::vector<std::byte> file;
  bool mapped;
  int threads;

  // Nothing where memory, or a thread, was refused.
  std::optional<Bits> by_model() const {
    try {
      const Options options = {.isa = {}, .threads = threads, .pin = false};
      const Model model = mapped ? Model(path.string(), options) : Model(file, options);
      const std::vector<std::byte> image(input_bytes(model.info()), std::byte{100});
      return bits_of(run_bytes(model, image, 1));
    } catch (const std::bad_alloc&) {
      return std::nullopt;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kOption) << error.what();
      return std::nullopt;
    }
  }

  // No bits where all was right.
  std::optional<Bits> by_verification() const {
    try {
      const Options options = {.isa = {}, .threads = threads, .pin = false};
      const Model model = mapped ? Model(path.string(), options) : Model(file, options);
      EXPECT_FALSE(model.verify().has_value()) << path;
      return Bits{};
    } catch (const std::bad_alloc&) {
      return std::nullopt;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kOption) << error.what();
      return std::nullopt;
    }
  }

  std::optional<Bits> by_c() const {
    edgebin_options options{};
    options.size = sizeof options;
    options.threads = threads;
    edgebin_model* model = nullptr;
    const edgebin_status loaded =
        mapped ? edgebin_load(path.c_str(), &options, &model)
               : edgebin_load_memory(file.data(), file.size(), &options, &model);
    if (loaded != EDGEBIN_OK) {
      EXPECT_TRUE(loaded == EDGEBIN_ERROR_MEMORY || loaded == EDGEBIN_ERROR_OPTION) << loaded;
      EXPECT_EQ(model, nullptr);
      return std::nullopt;
    }
    auto result = run_by_c(model);  // which is moved from: a copy would want memory
    edgebin_free(model);
    return result;
  }

 private:
  // The first output. Its room is no business of the library's, and comes from where none is
  // scarce.
  static std::optional<Bits> run_by_c(const edgebin_model* model) {
    edgebin_value input{};
    edgebin_value output{};
    input.size = sizeof input;
    output.size = sizeof output;
    EXPECT_EQ(edgebin_get_input(model, &input), EDGEBIN_OK);
    EXPECT_EQ(edgebin_get_output(model, 0, &output), EDGEBIN_OK);
    try {
      const std::vector<std::uint8_t> image(input.elements, 100);
      std::vector<float> values(output.elements);
      const edgebin_status ran =
          edgebin_run(model, image.data(), image.size(), values.data(), values.size());
      EXPECT_TRUE(ran == EDGEBIN_OK || ran == EDGEBIN_ERROR_MEMORY) << ran;
      if (ran != EDGEBIN_OK) return std::nullopt;
      return bits_of(values);
    } catch (const std::bad_alloc&) {
      return std::nullopt;
    }
  }
};

using Way = std::optional<Bits> (Use::*)() const;

// Returns the allocations of one use.
std::size_t exhaust(const Use& use, Way way, Scarcity scarcity) {
  const auto expected = (use.*way)();  // what is made once is made now
  for (std::size_t count = 0;; ++count) {
    const Held before = held();
    bool struck = false;
    {
      std::optional<Bits> result;
      {
        const Refusal refusal(count, scarcity);
        result = (use.*way)();
        struck = refusal.struck();
      }
      EXPECT_TRUE(result || struck) << use.path << ", allocation " << count;
      // Sorting does without the memory that it asks for.
      EXPECT_TRUE(!result || result == expected) << use.path << ", allocation " << count;
    }
    EXPECT_EQ(held().blocks, before.blocks) << use.path << ", allocation " << count;
    EXPECT_EQ(held().bytes, before.bytes) << use.path << ", allocation " << count;
    if (testing::Test::HasFailure() || !struck) return count;
  }
}

void exhaust_all(Way way) {
  const auto models = corpus();
  EDGEBIN_SKIP_WITHOUT_CORPUS(models);
  const auto step = static_cast<std::size_t>(std::max(16, every() / 4));
  std::size_t refusals = 0;
  for (std::size_t i = 0; i < models.size() && !testing::Test::HasFailure(); i += step) {
    for (const Scarcity scarcity : {Scarcity::kOnce, Scarcity::kFromThenOn}) {
      for (const int threads : {1, 3}) {
        const bool mapped = (i / step + static_cast<std::size_t>(threads) / 2) % 2 == 0;
        refusals += exhaust({models[i], bytes_of(models[i]), mapped, threads}, way, scarcity);
      }
    }
  }
  std::cout << refusals << " allocations refused\n";
}

TEST(Scarcity, EveryAllocationMayFail) { exhaust_all(&Use::by_model); }

TEST(Scarcity, AVerificationTellsOfIt) { exhaust_all(&Use::by_verification); }

TEST(Scarcity, TheCInterfaceTellsOfIt) { exhaust_all(&Use::by_c); }

}  // namespace
}  // namespace edgebin::attack
