#include "runtime/session.h"

#include <cstring>
#include <new>
#include <utility>

#include "base/error.h"
#include "base/float_mode.h"
#include "runtime/planner.h"

namespace edgebin {
namespace {

constexpr std::align_val_t kAlignment{kArenaAlignment};

// The graph's one input.
constexpr int kPicture = 0;

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
  for (const Stage& stage : program_->stages()) {
    for (const int value : stage.inputs) {
      inputs_.push_back(value == kPicture ? std::span<const std::byte>{}
                                          : program_->value_in(arena_.get(), value));
    }
    for (const int value : stage.outputs) {
      outputs_.push_back(program_->value_in(arena_.get(), value));
    }
  }
}

template <class Ran>
void Session::run_stages(const std::uint8_t* picture, const Ran& ran) noexcept {
  const PlainFloats plain;
  const auto pixels = std::as_bytes(std::span(picture, program_->picture_bytes()));
  std::span<std::span<const std::byte>> inputs = inputs_;
  std::span<const std::span<std::byte>> outputs = outputs_;
  for (std::size_t i = 0; i < program_->stages().size(); ++i) {
    const Stage& stage = program_->stages()[i];
    for (std::size_t j = 0; j < stage.inputs.size(); ++j) {
      if (stage.inputs[j] == kPicture) inputs[j] = pixels;
    }
    program_->step(i).run({inputs.first(stage.inputs.size()), outputs.first(stage.outputs.size()),
                           program_->scratch_in(arena_.get(), i)},
                          *pool_);
    inputs = inputs.subspan(stage.inputs.size());
    outputs = outputs.subspan(stage.outputs.size());
    ran(i);
  }
}

void Session::run(const std::uint8_t* picture, float* const* outputs) noexcept {
  run_batch(picture, 1, outputs);
}

void Session::profile(const std::uint8_t* picture, float* const* outputs,
                      std::span<std::chrono::nanoseconds> times) noexcept {
  using Clock = std::chrono::steady_clock;
  auto last = Clock::now();
  run_stages(picture, [&](std::size_t stage) {
    const auto now = Clock::now();
    times[stage] += std::chrono::duration_cast<std::chrono::nanoseconds>(now - last);
    last = now;
  });
  copy_outputs(outputs, 0);
}

void Session::watch(const std::uint8_t* picture,
                    const std::function<void(std::size_t)>& ran) noexcept {
  run_stages(picture, ran);
}

void Session::run_batch(const std::uint8_t* pictures, std::int64_t count,
                        float* const* outputs) noexcept {
  for (std::int64_t i = 0; i < count; ++i) {
    run_stages(pictures + i * program_->picture_bytes(), [](std::size_t) {});
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
