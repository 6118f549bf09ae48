// Networks with images and the outputs that the numpy oracle gives for them, made by
// tests/support/write_corpus.py in the folder that EDGEBIN_CORPUS names: NAME.ebn and NAME.bin. The
// latter holds the images, then each output of all images, f32 in this machine's byte order.
#ifndef EDGEBIN_TESTS_RUNTIME_CORPUS_H_
#define EDGEBIN_TESTS_RUNTIME_CORPUS_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "edgebin/model.h"

namespace edgebin {

inline std::vector<std::filesystem::path> corpus() {
  std::vector<std::filesystem::path> models;
  const char* const folder = std::getenv("EDGEBIN_CORPUS");
  if (folder == nullptr) return models;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".ebn") models.push_back(entry.path());
  }
  std::ranges::sort(models);
  return models;
}

// Each EDGEBIN_CORPUS_EVERY-th of them, where that is set: for tests that take minutes under
// sanitizers and in emulators.
inline std::vector<std::filesystem::path> corpus_sample() {
  const std::vector<std::filesystem::path> all = corpus();
  const char* const every = std::getenv("EDGEBIN_CORPUS_EVERY");
  const std::size_t step = every == nullptr ? 1 : std::strtoul(every, nullptr, 10);
  std::vector<std::filesystem::path> sample;
  for (std::size_t i = 0; i < all.size(); i += std::max<std::size_t>(step, 1)) {
    sample.push_back(all[i]);
  }
  return sample;
}

// Skips where there is no corpus; where there is one, none of its `files` would be a failure.
#define EDGEBIN_SKIP_WITHOUT_CORPUS(files)                                                   \
  if (std::getenv("EDGEBIN_CORPUS") == nullptr) GTEST_SKIP() << "EDGEBIN_CORPUS is not set"; \
  ASSERT_FALSE((files).empty())

inline std::vector<std::byte> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> chars{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::byte> bytes(chars.size());
  std::ranges::transform(chars, bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
  return bytes;
}

// Runs `count` images. `bytes` are those of the first input for all images, then of the next.
inline std::vector<std::vector<float>> run_bytes(const Model& model,
                                                 std::span<const std::byte> bytes,
                                                 std::size_t count) {
  std::vector<std::vector<std::byte>> inputs;  // aligned
  std::vector<std::span<const std::byte>> spans;
  for (const ValueInfo& input : model.info().inputs) {
    const auto part = bytes.first(count * input.bytes());
    spans.emplace_back(inputs.emplace_back(part.begin(), part.end()));
    bytes = bytes.subspan(part.size());
  }
  return model.run(spans);
}

// Of one image, all inputs.
inline std::size_t input_bytes(const ModelInfo& model) {
  std::size_t bytes = 0;
  for (const ValueInfo& input : model.inputs) bytes += input.bytes();
  return bytes;
}

}  // namespace edgebin

#endif  // EDGEBIN_TESTS_RUNTIME_CORPUS_H_
