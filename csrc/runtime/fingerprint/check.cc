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

struct Mismatch {
  std::size_t step;
  int value;
  std::uint32_t found;  // hash
};

Difference input_difference(const Program& program, int number, std::size_t input,
                            std::uint32_t found) {
  const Network& network = program.network();
  const std::string& name = network.graph.inputs[input].name;
  return {name,
          "image",
          name,
          "",
          program.kernels().isa,
          program.threads(),
          number,
          network.fingerprint[number].hashes[input],
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
  std::vector<std::vector<std::byte>> inputs;
  std::vector<const std::byte*> pointers;
  for (std::size_t i = 0; i < program.inputs().size(); ++i) {
    const GraphInput& input = program.inputs()[i];
    const auto image = probe_image(probe_seed(probe.seed, i), input.shape);
    pointers.push_back(inputs.emplace_back(probe_elements(image, input.type)).data());
    const bool is_f32 = input.type == InputType::kF32;
    const auto value =
        is_f32 ? std::span<const std::byte>(inputs.back()) : std::as_bytes(std::span(image));
    const std::uint32_t drawn = value_hash(input.value(), value);
    if (drawn != probe.hashes[i]) return input_difference(program, number, i, drawn);
  }
  std::optional<Mismatch> first;
  session.observe(pointers.data(), [&](std::size_t step) {
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
