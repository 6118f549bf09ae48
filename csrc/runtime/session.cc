#include "runtime/session.h"

#include <cstring>
#include <new>
#include <utility>

#include "base/error.h"
#include "base/float_mode.h"
#include "runtime/memory/planner.h"

namespace edgebin {
namespace {

constexpr std::align_val_t kAlignment{kArenaAlignment};

// From s8 to the u8 value of the graph.
constexpr std::byte kSignBit{0x80};

}  // namespace

void Session::Deleter::operator()(std::byte* arena) const { ::operator delete(arena, kAlignment); }

Session::Session(const std::shared_ptr<const Program>& program)
    : Session(program, std::make_shared<ThreadPool>(program->threads(), program->pins())) {}

Session::Session(std::shared_ptr<const Program> program, std::shared_ptr<ThreadPool> pool)
    : program_(std::move(program)),
      arena_(static_cast<std::byte*>(::operator new(program_->arena_bytes(), kAlignment))),
      pool_(std::move(pool)) {
  if (pool_->threads() != program_->threads()) {
    throw Error(ErrorKind::kOption, message("threads: expected a pool of ", program_->threads(),
                                            ", found one of ", pool_->threads()));
  }
  const auto inputs = static_cast<int>(program_->inputs().size());
  for (const FusedStep& step : program_->fused_steps()) {
    for (const int value : step.inputs) {
      const bool is_bound = value < inputs && !program_->is_copied(value);
      if (is_bound) uses_.push_back({inputs_.size(), value});
      inputs_.push_back(is_bound ? std::span<const std::byte>{}
                                 : program_->value_in(arena_.get(), value));
    }
    for (const int value : step.outputs) {
      outputs_.push_back(program_->value_in(arena_.get(), value));
    }
  }
}

void Session::bind(const std::byte* const* inputs, std::int64_t index) noexcept {
  const auto image_of = [&](int input) {
    const std::size_t bytes = program_->inputs()[input].bytes();
    return std::span(inputs[input] + static_cast<std::size_t>(index) * bytes, bytes);
  };
  for (const InputUse& use : uses_) inputs_[use.at] = image_of(use.input);
  for (int i = 0; std::cmp_less(i, program_->inputs().size()); ++i) {
    if (!program_->is_copied(i)) continue;
    const std::span<std::byte> copy = program_->value_in(arena_.get(), i);
    const std::span<const std::byte> image = image_of(i);
    for (std::size_t j = 0; j < image.size(); ++j) copy[j] = image[j] ^ kSignBit;
  }
}

template <class OnStep>
void Session::run_steps(const std::byte* const* graph_inputs, std::int64_t index,
                        const OnStep& on_step) noexcept {
  const PlainFloats plain;
  bind(graph_inputs, index);
  std::span<const std::span<const std::byte>> inputs = inputs_;
  std::span<const std::span<std::byte>> outputs = outputs_;
  for (std::size_t i = 0; i < program_->fused_steps().size(); ++i) {
    const FusedStep& step = program_->fused_steps()[i];
    program_->step(i).run({inputs.first(step.inputs.size()), outputs.first(step.outputs.size()),
                           program_->scratch_in(arena_.get(), i)},
                          *pool_);
    inputs = inputs.subspan(step.inputs.size());
    outputs = outputs.subspan(step.outputs.size());
    on_step(i);
  }
}

void Session::run(const std::byte* const* inputs, float* const* outputs) noexcept {
  run_batch(inputs, 1, outputs);
}

void Session::profile(const std::byte* const* inputs, float* const* outputs,
                      std::span<std::chrono::nanoseconds> times) noexcept {
  using Clock = std::chrono::steady_clock;
  auto last = Clock::now();
  run_steps(inputs, 0, [&](std::size_t step) {
    const auto now = Clock::now();
    times[step] += std::chrono::duration_cast<std::chrono::nanoseconds>(now - last);
    last = now;
  });
  copy_outputs(outputs, 0);
}

void Session::observe(const std::byte* const* inputs,
                      const std::function<void(std::size_t)>& on_step) noexcept {
  run_steps(inputs, 0, on_step);
}

void Session::run_batch(const std::byte* const* inputs, std::int64_t count,
                        float* const* outputs) noexcept {
  for (std::int64_t i = 0; i < count; ++i) {
    run_steps(inputs, i, [](std::size_t) {});
    copy_outputs(outputs, i);
  }
}

void Session::copy_outputs(float* const* outputs, std::int64_t index) const noexcept {
  const Graph& graph = program_->network().graph;
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    if (outputs[i] == nullptr) continue;
    const auto value = program_->value_in(arena_.get(), graph.outputs[i].value);
    std::memcpy(outputs[i] + index * program_->output_type(i).shape.elements(), value.data(),
                value.size());
  }
}

}  // namespace edgebin
