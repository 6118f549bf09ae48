// Compares the runtime with the numpy oracle without Python, so that it can run under sanitizers
// and in emulators: every output of every network in the corpus, bit for bit, on every instruction
// set and with several thread counts.
#include <cstdint>
#include <span>

#include "base/float_bits.h"
#include "edgebin/model.h"
#include "kernels/dispatch.h"
#include "runtime/corpus.h"

namespace edgebin {
namespace {

// The file beside the model, taken apart.
struct Expectation {
  Expectation(const std::filesystem::path& path, const ModelInfo& info) : bytes(bytes_of(path)) {
    std::size_t each = input_bytes(info);
    for (const ValueInfo& output : info.outputs) each += output.elements() * sizeof(float);
    count = bytes.size() / each;
    whole = count > 0 && bytes.size() % each == 0;
  }

  std::span<const std::byte> images(const ModelInfo& info) const {
    return std::span(bytes).first(count * input_bytes(info));
  }

  std::vector<std::byte> bytes;
  std::size_t count = 0;
  bool whole = false;
};

void expect_oracle(const std::filesystem::path& path, const Options& options) {
  const Model model(path.string(), options);
  const ModelInfo& info = model.info();
  const Expectation expected(std::filesystem::path(path).replace_extension(".bin"), info);
  ASSERT_TRUE(expected.whole) << path << ": its .bin does not fit";
  const auto found = run_bytes(model, expected.images(info), expected.count);
  std::size_t at = expected.images(info).size();
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(bits_of(found[i]), bits_of(expected.bytes.data() + at, found[i].size()))
        << path << ", output " << info.outputs[i].name << ", " << info.isa << ", "
        << options.threads << " threads";
    at += found[i].size() * sizeof(float);
  }
}

class Corpus : public testing::TestWithParam<std::string> {};

TEST_P(Corpus, EqualsTheOracle) {
  const auto models = corpus();
  EDGEBIN_SKIP_WITHOUT_CORPUS(models);
  for (const auto& path : models) {
    for (int threads = 1; threads <= 8; ++threads) {
      expect_oracle(path, {GetParam(), threads});
    }
  }
}

std::vector<std::string> isas() {
  std::vector<std::string> names;
  for (const kernels::Kernels& kernels : kernels::available()) names.emplace_back(kernels.isa);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Isa, Corpus, testing::ValuesIn(isas()),
                         [](const auto& isa) { return isa.param; });

}  // namespace
}  // namespace edgebin
