// Every kernel against every other: random layers on every instruction set, on every kernel that
// can serve them and with 1 to 8 threads give the bits that "scalar" gives on one thread.
//
//   EDGEBIN_LAYERS=10000 build/release/tests/cpp/layers/edgebin_layers_test
//
// EDGEBIN_LAYERS is their number, EDGEBIN_LAYERS_FROM the seed of the first. EDGEBIN_LAYERS_WRITTEN
// names a folder to which they are written as .ebn and .bin, like the oracle's corpus, with the
// outputs of "scalar": tests/soak/check_layers.py compares those with the oracle.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/float_bits.h"
#include "base/thread_pool.h"
#include "kernels/dispatch.h"
#include "layers/draw.h"
#include "runtime/program.h"
#include "runtime/session.h"

namespace edgebin::layers {
namespace {

constexpr int kCount = 150;  // without the environment variable
constexpr int kMaxThreads = 8;
constexpr std::string_view kKernels[] = {"matrix_tiles", "lookup_wide", "lookup_narrow",
                                         "lookup_pairs", "bit_serial",  "u8s8",
                                         "f32",          "depthwise"};

int number_of(const char* variable, int absent) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? absent : std::atoi(text);
}

std::vector<float> outputs_of(const Drawn& drawn, const Options& options,
                              const std::shared_ptr<ThreadPool>& pool) {
  const auto program = Program::load(drawn.file, options);
  std::vector<float> output(kImages *
                            static_cast<std::size_t>(program->output_type(0).shape.elements()));
  float* const outputs[] = {output.data()};
  const std::byte* const inputs[] = {std::as_bytes(std::span(drawn.images)).data()};
  Session(program, pool).run_batch(inputs, kImages, outputs);
  return output;
}

void write(const std::filesystem::path& stem, const Drawn& drawn,
           const std::vector<float>& scalar) {
  std::ofstream model(stem.string() + ".ebn", std::ios::binary);
  model.write(reinterpret_cast<const char*>(drawn.file.data()),
              static_cast<std::streamsize>(drawn.file.size()));
  std::ofstream rest(stem.string() + ".bin", std::ios::binary);
  rest.write(reinterpret_cast<const char*>(drawn.images.data()),
             static_cast<std::streamsize>(drawn.images.size()));
  rest.write(reinterpret_cast<const char*>(scalar.data()),
             static_cast<std::streamsize>(scalar.size() * sizeof(float)));
}

class Layers : public testing::Test {
 protected:
  Layers() {
    for (int threads = 1; threads <= kMaxThreads; ++threads) {
      pools_.push_back(std::make_shared<ThreadPool>(threads));
    }
  }

  // Of one seed.
  void check(std::uint64_t seed) {
    drawn_ = draw(seed);
    seed_ = seed;
    expected_ = outputs_of(drawn_, {.isa = "scalar", .threads = 1, .pin = false, .kernels = {}},
                           pool_of(1));
    const char* const folder = std::getenv("EDGEBIN_LAYERS_WRITTEN");
    if (folder != nullptr) {
      write(std::filesystem::path(folder) / std::to_string(seed), drawn_, expected_);
    }
    ++ran_["layers"];
    ++ran_[drawn_.what.substr(0, drawn_.what.find(' '))];
    for (const kernels::Kernels& kernels : kernels::available()) {
      expect_equal({.isa = kernels.isa, .threads = 1, .pin = false, .kernels = {}});
      if (!drawn_.product) continue;
      for (const std::string_view kernel : kKernels) {
        expect_equal({.isa = kernels.isa,
                      .threads = 1,
                      .pin = false,
                      .kernels = {{drawn_.name, std::string(kernel)}}});
      }
    }
  }

  std::map<std::string, int> ran_;

 private:
  // Runs with every number of threads. A kernel that cannot serve the layer is skipped.
  void expect_equal(Options options) {
    for (int threads = 1; threads <= kMaxThreads && !HasFailure(); ++threads) {
      options.threads = threads;
      try {
        compare(outputs_of(drawn_, options, pool_of(threads)), options);
      } catch (const Error& error) {
        ASSERT_EQ(error.kind(), ErrorKind::kOption) << where(options) << error.what();
        ASSERT_FALSE(options.kernels.empty()) << where(options) << error.what();
        return;
      }
    }
  }

  void compare(const std::vector<float>& outputs, const Options& options) {
    ++ran_["runs on " + options.isa];
    if (!options.kernels.empty()) ++ran_["runs on " + options.kernels.begin()->second];
    ASSERT_EQ(outputs.size(), expected_.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      ASSERT_EQ(bits_of(outputs[i]), bits_of(expected_[i]))
          << where(options) << "element " << i << " is " << outputs[i] << ", scalar gives "
          << expected_[i];
    }
  }

  std::string where(const Options& options) const {
    const std::string kernel = options.kernels.empty() ? "" : options.kernels.begin()->second;
    return message("EDGEBIN_LAYERS=1 EDGEBIN_LAYERS_FROM=", seed_, ": ", drawn_.what, ", ",
                   options.isa, ' ', kernel, ", ", options.threads, " threads: ");
  }

  const std::shared_ptr<ThreadPool>& pool_of(int threads) const {
    return pools_[static_cast<std::size_t>(threads) - 1];
  }

  // Of all runs: an emulator takes milliseconds to start a thread, and never returns its memory.
  std::vector<std::shared_ptr<ThreadPool>> pools_;
  std::uint64_t seed_ = 0;
  Drawn drawn_;
  std::vector<float> expected_;
};

TEST_F(Layers, OfEveryKernelAreThoseOfScalar) {
  const int from = number_of("EDGEBIN_LAYERS_FROM", 0);
  const int count = number_of("EDGEBIN_LAYERS", kCount);
  for (int i = 0; i < count && !HasFailure(); ++i) check(static_cast<std::uint64_t>(from + i));
  for (const auto& [what, times] : ran_) std::cout << times << ' ' << what << '\n';
  EXPECT_EQ(ran_["layers"], count);
}

}  // namespace
}  // namespace edgebin::layers
