// The hashes that the numpy oracle stored in the corpus hold on every instruction set, conv
// algorithm and thread count. A wrong hash is found and named if its value exists in memory.
#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "edgebin/model.h"
#include "runtime/corpus.h"
#include "runtime/fingerprint/check.h"
#include "runtime/hostile.h"
#include "runtime/written.h"

namespace edgebin {
namespace {

TEST(Fingerprint, OfEveryNetworkInTheCorpusIsExact) {
  const auto models = corpus_sample();
  EDGEBIN_SKIP_WITHOUT_CORPUS(models);
  for (const auto& path : models) {
    for (const Combination& way : combinations()) {
      const Model model(path.string(), {way.isa, way.threads, false, way.conv_algo});
      ASSERT_GT(model.info().probe_images, 0u) << path;
      const std::optional<Difference> found = model.verify();
      EXPECT_FALSE(found.has_value()) << path << ": " << describe(*found);
    }
  }
}

// The bytes of the header behind the fingerprint: the task, since version 3.
std::size_t task_bytes(const Network& network) {
  if (!network.task) return 0;
  switch (network.task->kind) {
    case TaskKind::kClassify:
      return 5 + 8;
    case TaskKind::kDetect:
      return 5 + 24 + 12 * network.task->detect.levels.size();
    default:
      return 5;
  }
}

// The header ends with the hashes of the last probe image, `behind` bytes before its end.
std::vector<std::byte> with_wrong_hash(const std::vector<std::byte>& file, std::size_t values,
                                       std::size_t value, std::size_t behind) {
  std::uint32_t header = 0;
  std::memcpy(&header, file.data() + 12, sizeof header);
  std::vector<std::byte> changed = file;
  changed[kPrefix + header - behind - 4 * (values - value)] ^= std::byte{0x10};
  seal(changed);
  return changed;
}

std::optional<Difference> difference_of(const std::vector<std::byte>& file) {
  Session session(Program::load(file, {}));
  return check_fingerprint(session);
}

// The values that steps write to memory. The others exist only inside a step.
std::set<std::string> in_memory(const Program& program) {
  const Graph& graph = program.network().graph;
  std::set<std::string> names;
  for (const GraphInput& input : graph.inputs) names.insert(input.name);
  for (const FusedStep& step : program.fused_steps()) {
    for (const int value : step.outputs) {
      names.insert(graph.nodes[value - graph.inputs.size()].name);
    }
  }
  return names;
}

TEST(Fingerprint, AWrongHashIsNamed) {
  const auto models = corpus_sample();
  EDGEBIN_SKIP_WITHOUT_CORPUS(models);
  std::size_t inside = 0;
  for (const auto& path : models) {
    const std::vector<std::byte> file = bytes_of(path);
    const auto program = Program::load(file, {});
    const Graph& graph = program->network().graph;
    const std::set<std::string> seen = in_memory(*program);
    std::vector<std::string> names;
    for (const GraphInput& input : graph.inputs) names.push_back(input.name);
    for (const Node& node : graph.nodes) names.push_back(node.name);
    for (std::size_t value = 0; value < names.size(); ++value) {
      const std::size_t behind = task_bytes(program->network());
      const auto found = difference_of(with_wrong_hash(file, names.size(), value, behind));
      ASSERT_EQ(found.has_value(), seen.contains(names[value])) << path << ' ' << names[value];
      inside += found.has_value() ? 0 : 1;
      if (!found) continue;
      EXPECT_EQ(found->value, names[value]) << path;
      EXPECT_EQ(found->expected ^ found->found, 0x10u);
    }
  }
  EXPECT_GT(inside, 0u);  // some networks of the corpus have post-ops
}

TEST(Fingerprint, AFileOfVersion1HasNone) {
  const auto file = written({{2, 2, 1},
                             {floats({1}, {1.0f}), floats({1}, {0.0f})},
                             {{"affine", {0}, {{"scale", 0}, {"bias", 1}}, {}}}});
  const Model model(file);
  EXPECT_EQ(model.info().probe_images, 0u);
  try {
    model.verify();
    FAIL() << "verified nothing";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kModelFile);
    EXPECT_STREQ(error.what(), "network \"written\": expected a fingerprint, the file has none");
  }
}

TEST(Fingerprint, EveryInstructionSetAndConvAlgorithmIsAWay) {
  std::set<std::string> isas_seen;
  std::set<std::pair<std::string, std::string>> algorithms;
  int most = 0;
  for (const Combination& way : combinations()) {
    isas_seen.insert(way.isa);
    algorithms.emplace(way.isa, way.conv_algo);
    most = std::max(most, way.threads);
  }
  const std::vector<std::string> known = isas();
  EXPECT_EQ(isas_seen, std::set<std::string>(known.begin(), known.end()));
  EXPECT_TRUE(algorithms.contains({"scalar", "bit_serial"}));
  EXPECT_FALSE(algorithms.contains({"scalar", "lookup"}));
  EXPECT_GE(most, 2);
  EXPECT_THROW(combinations("m68k"), Error);
  EXPECT_EQ(combinations("scalar", 7).size(), 1u);
}

}  // namespace
}  // namespace edgebin
