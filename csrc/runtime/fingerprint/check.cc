#include "runtime/fingerprint/check.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/fingerprint/probe_image.h"
#include "runtime/fingerprint/value_hash.h"

namespace edgebin {
namespace {

// The graph's one input.
constexpr int kPicture = 0;

struct Wrong {
  std::size_t stage;
  int value;
  std::uint32_t found;
};

Difference of_picture(const Program& program, int number, std::uint32_t found) {
  const Network& network = program.network();
  const std::string& name = network.graph.inputs[kPicture].name;
  return {name,
          "picture",
          name,
          "",
          program.kernels().isa,
          program.threads(),
          number,
          network.self_test[number].hashes[kPicture],
          found};
}

Difference of_stage(const Program& program, int number, const Wrong& wrong) {
  const Graph& graph = program.network().graph;
  const std::vector<int>& nodes = program.stages()[wrong.stage].nodes;
  std::string ops;
  for (const int node : nodes) ops += (ops.empty() ? "" : " + ") + graph.nodes[node].op;
  return {graph.nodes[nodes.front()].name,
          ops,
          graph.nodes[wrong.value - graph.inputs.size()].name,
          std::string(program.step(wrong.stage).kernel()),
          program.kernels().isa,
          program.threads(),
          number,
          program.network().self_test[number].hashes[wrong.value],
          wrong.found};
}

std::optional<Difference> run_case(Session& session, int number) {
  const Program& program = session.program();
  const SelfTestCase& test = program.network().self_test[number];
  const std::vector<std::uint8_t> picture = test_picture(test.seed, program.types()[0].shape);
  const std::uint32_t seen = value_hash(program.types()[0], std::as_bytes(std::span(picture)));
  if (seen != test.hashes[kPicture]) return of_picture(program, number, seen);
  std::optional<Wrong> first;
  session.watch(picture.data(), [&](std::size_t stage) {
    if (first) return;
    for (const int value : program.stages()[stage].outputs) {
      const std::uint32_t found = value_hash(program.types()[value], session.value(value));
      if (found == test.hashes[value]) continue;
      first = Wrong{stage, value, found};
      return;
    }
  });
  if (!first) return std::nullopt;
  return of_stage(program, number, *first);
}

}  // namespace

std::string describe(const Difference& difference) {
  const std::string kernel = difference.kernel.empty() ? "" : ", kernel " + difference.kernel;
  return message("layer ", quoted(difference.layer), " (", difference.ops, kernel, "), value ",
                 quoted(difference.value), ", picture ", difference.picture, ", ", difference.isa,
                 ", ", difference.threads, difference.threads == 1 ? " thread" : " threads",
                 ": expected ", hexadecimal(difference.expected), ", found ",
                 hexadecimal(difference.found));
}

std::optional<Difference> run_self_test(Session& session) {
  const Network& network = session.program().network();
  if (network.self_test.empty()) {
    throw Error(ErrorKind::kModelFile, message("network ", quoted(network.name),
                                               ": expected a self-test, the file has none"));
  }
  for (int number = 0; number < static_cast<int>(network.self_test.size()); ++number) {
    std::optional<Difference> difference = run_case(session, number);
    if (difference) return difference;
  }
  return std::nullopt;
}

}  // namespace edgebin
