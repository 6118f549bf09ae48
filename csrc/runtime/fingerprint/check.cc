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

// The value number of the graph's only input.
constexpr int kImage = 0;

struct Mismatch {
  std::size_t step;
  int value;
  std::uint32_t found;  // hash
};

Difference image_difference(const Program& program, int number, std::uint32_t found) {
  const Network& network = program.network();
  const std::string& name = network.graph.inputs[kImage].name;
  return {name,
          "image",
          name,
          "",
          program.kernels().isa,
          program.threads(),
          number,
          network.fingerprint[number].hashes[kImage],
          found};
}

Difference step_difference(const Program& program, int number, const Mismatch& mismatch) {
  const Graph& graph = program.network().graph;
  const std::vector<int>& nodes = program.fused_steps()[mismatch.step].nodes;
  std::string ops;
  for (const int node : nodes) ops += (ops.empty() ? "" : " + ") + graph.nodes[node].op;
  return {graph.nodes[nodes.front()].name,
          ops,
          graph.nodes[mismatch.value - graph.inputs.size()].name,
          std::string(program.step(mismatch.step).kernel()),
          program.kernels().isa,
          program.threads(),
          number,
          program.network().fingerprint[number].hashes[mismatch.value],
          mismatch.found};
}

std::optional<Difference> check_image(Session& session, int number) {
  const Program& program = session.program();
  const ProbeHashes& probe = program.network().fingerprint[number];
  const std::vector<std::uint8_t> image = probe_image(probe.seed, program.types()[0].shape);
  const std::uint32_t drawn = value_hash(program.types()[0], std::as_bytes(std::span(image)));
  if (drawn != probe.hashes[kImage]) return image_difference(program, number, drawn);
  std::optional<Mismatch> first;
  session.observe(image.data(), [&](std::size_t step) {
    if (first) return;
    for (const int value : program.fused_steps()[step].outputs) {
      const std::uint32_t found = value_hash(program.types()[value], session.value(value));
      if (found == probe.hashes[value]) continue;
      first = Mismatch{step, value, found};
      return;
    }
  });
  if (!first) return std::nullopt;
  return step_difference(program, number, *first);
}

}  // namespace

std::string describe(const Difference& difference) {
  const std::string kernel = difference.kernel.empty() ? "" : ", kernel " + difference.kernel;
  return message("layer ", quoted(difference.layer), " (", difference.ops, kernel, "), value ",
                 quoted(difference.value), ", image ", difference.image, ", ", difference.isa, ", ",
                 difference.threads, difference.threads == 1 ? " thread" : " threads",
                 ": expected ", hexadecimal(difference.expected), ", found ",
                 hexadecimal(difference.found));
}

std::optional<Difference> check_fingerprint(Session& session) {
  const Network& network = session.program().network();
  if (network.fingerprint.empty()) {
    const std::string& path = session.program().path();
    throw Error(ErrorKind::kModelFile,
                message(path.empty() ? message("network ", quoted(network.name)) : path,
                        ": expected a fingerprint, the file has none"));
  }
  for (int number = 0; number < static_cast<int>(network.fingerprint.size()); ++number) {
    std::optional<Difference> difference = check_image(session, number);
    if (difference) return difference;
  }
  return std::nullopt;
}

}  // namespace edgebin
