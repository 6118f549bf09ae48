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

// The value number of the graph's only input.
constexpr int kImage = 0;

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
  for (const FusedStep& step : program_->fused_steps()) {
    for (const int value : step.inputs) {
      inputs_.push_back(value == kImage ? std::span<const std::byte>{}
                                        : program_->value_in(arena_.get(), value));
    }
    for (const int value : step.outputs) {
      outputs_.push_back(program_->value_in(arena_.get(), value));
    }
  }
}

template <class OnStep>
void Session::run_steps(const std::uint8_t* image, const OnStep& on_step) noexcept {
  const PlainFloats plain;
  const auto pixels = std::as_bytes(std::span(image, program_->image_bytes()));
  std::span<std::span<const std::byte>> inputs = inputs_;
  std::span<const std::span<std::byte>> outputs = outputs_;
  for (std::size_t i = 0; i < program_->fused_steps().size(); ++i) {
    const FusedStep& step = program_->fused_steps()[i];
    for (std::size_t j = 0; j < step.inputs.size(); ++j) {
      if (step.inputs[j] == kImage) inputs[j] = pixels;
    }
    program_->step(i).run({inputs.first(step.inputs.size()), outputs.first(step.outputs.size()),
                           program_->scratch_in(arena_.get(), i)},
                          *pool_);
    inputs = inputs.subspan(step.inputs.size());
    outputs = outputs.subspan(step.outputs.size());
    on_step(i);
  }
}

void Session::run(const std::uint8_t* image, float* const* outputs) noexcept {
  run_batch(image, 1, outputs);
}

void Session::profile(const std::uint8_t* image, float* const* outputs,
                      std::span<std::chrono::nanoseconds> times) noexcept {
  using Clock = std::chrono::steady_clock;
  auto last = Clock::now();
  run_steps(image, [&](std::size_t step) {
    const auto now = Clock::now();
    times[step] += std::chrono::duration_cast<std::chrono::nanoseconds>(now - last);
    last = now;
  });
  copy_outputs(outputs, 0);
}

void Session::observe(const std::uint8_t* image,
                      const std::function<void(std::size_t)>& on_step) noexcept {
  run_steps(image, on_step);
}

void Session::run_batch(const std::uint8_t* images, std::int64_t count,
                        float* const* outputs) noexcept {
  for (std::int64_t i = 0; i < count; ++i) {
    run_steps(images + i * program_->image_bytes(), [](std::size_t) {});
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
