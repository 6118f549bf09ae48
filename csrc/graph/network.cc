#include "graph/network.h"

#include <array>

namespace edgebin {

std::string_view name_of(Colour colour) {
  constexpr std::array<std::string_view, 3> kNames = {"rgb", "bgr", "grey"};
  return kNames[static_cast<std::size_t>(colour)];
}

std::string_view name_of(Filter filter) {
  constexpr std::array<std::string_view, 4> kNames = {"nearest", "bilinear", "bicubic", "lanczos"};
  return kNames[static_cast<std::size_t>(filter)];
}

std::string_view name_of(BoxForm form) { return form == BoxForm::kLtrb ? "ltrb" : "centre"; }

std::string_view name_of(TaskKind kind) {
  constexpr std::array<std::string_view, kTaskKinds> kNames = {"classify", "detect", "segment",
                                                               "embed", "raw"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view name_of(InputType type) {
  constexpr std::array<std::string_view, kInputTypes> kNames = {"u8", "f32", "s8"};
  return kNames[static_cast<std::size_t>(type)];
}

}  // namespace edgebin
