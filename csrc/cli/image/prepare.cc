#include "cli/image/prepare.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "cli/image/netpbm.h"
#include "cli/image/resample.h"
#include "cli/io/input_file.h"

namespace edgebin::cli {
namespace {

[[noreturn]] void fail(const std::string& line) { throw Error(ErrorKind::kInput, line); }

// Pillow's integers for ITU-R BT.601.
std::uint8_t luma(const std::uint8_t* rgb) {
  return static_cast<std::uint8_t>((19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 0x8000) >>
                                   16);
}

Picture coloured(const Picture& picture, int channels) {
  if (picture.channels == channels) return picture;
  Picture result{picture.width, picture.height, channels, {}};
  const std::size_t pixels = picture.pixels.size() / static_cast<std::size_t>(picture.channels);
  result.pixels.reserve(pixels * static_cast<std::size_t>(channels));
  for (std::size_t i = 0; i < pixels; ++i) {
    if (channels == 1) {
      result.pixels.push_back(luma(picture.pixels.data() + 3 * i));
    } else {
      result.pixels.insert(result.pixels.end(), 3, picture.pixels[i]);
    }
  }
  return result;
}

// Where a centred crop of `wanted` starts in `found`, half to even; negative where black is added.
int offset(int found, int wanted) {
  const int twice = found - wanted;
  if (twice < 0) return -((wanted - found) / 2);
  return twice / 2 + (twice % 4 == 3 ? 1 : 0);
}

// A side when the short one becomes `resize`.
std::uint64_t resized(std::uint32_t resize, int side, int shortest) {
  return std::uint64_t{resize} * static_cast<std::uint64_t>(side) /
         static_cast<std::uint64_t>(shortest);
}

Picture fit(const Picture& picture, const ModelInfo& model) {
  const auto [width, height] = std::array{model.input.width, model.input.height};
  if (model.resize == 0) {
    return resize(picture, width, height, model.filter, {0, 0, width, height});
  }
  const int shortest = std::min(picture.width, picture.height);
  const std::uint64_t wide = resized(model.resize, picture.width, shortest);
  const std::uint64_t high = resized(model.resize, picture.height, shortest);
  check_size(wide, high);
  const int w = static_cast<int>(wide);
  const int h = static_cast<int>(high);
  return resize(picture, w, h, model.filter, {offset(w, width), offset(h, height), width, height});
}

int channels_of(const ModelInfo& model) {
  const int channels = model.colour == "grey" ? 1 : 3;
  if (channels == model.input.channels) return channels;
  fail(message("model: ", model.colour, " pictures have ", channels, " channels, its input has ",
               model.input.channels));
}

// A format that only other programs read here, by its first bytes; "" if it is not known.
std::string_view foreign(std::span<const std::uint8_t> first) {
  struct Magic {
    std::string_view bytes;
    std::string_view name;
  };
  constexpr std::array kMagics = {Magic{"\x89PNG", "PNG"},      Magic{"\xff\xd8\xff", "JPEG"},
                                  Magic{"GIF8", "GIF"},         Magic{"BM", "BMP"},
                                  Magic{"RIFF", "WebP"},        Magic{"P1", "plain netpbm"},
                                  Magic{"P2", "plain netpbm"},  Magic{"P3", "plain netpbm"},
                                  Magic{"P4", "bitmap netpbm"}, Magic{"II*", "TIFF"},
                                  Magic{"MM", "TIFF"}};
  const std::string_view found(reinterpret_cast<const char*>(first.data()), first.size());
  for (const Magic& magic : kMagics) {
    if (found.starts_with(magic.bytes)) return magic.name;
  }
  return "";
}

std::vector<std::uint8_t> read_raw(InputFile& file, const ModelInfo& model) {
  const std::size_t expected = model.input.elements();
  const std::string_view format = foreign(file.ahead(4));
  std::vector<std::uint8_t> bytes = file.take(expected);
  if (bytes.size() == expected && file.next() < 0) return bytes;
  if (!format.empty()) {
    fail(message("is a ", format, " picture, which this program does not read; convert it, for ",
                 "example with: convert PICTURE -auto-orient picture.ppm"));
  }
  fail(message("expected a binary PGM or PPM picture or a raw tensor of ", expected,
               " bytes, found ", bytes.size() < expected ? message(bytes.size()) : "more",
               " bytes of neither"));
}

}  // namespace

std::vector<std::uint8_t> prepare(const Picture& picture, const ModelInfo& model) {
  std::vector<std::uint8_t> pixels = fit(coloured(picture, channels_of(model)), model).pixels;
  if (model.colour == "bgr") {
    for (std::size_t i = 0; i < pixels.size(); i += 3) std::swap(pixels[i], pixels[i + 2]);
  }
  return pixels;
}

std::vector<std::uint8_t> read_input(const std::string& path, const ModelInfo& model, bool raw) {
  try {
    InputFile file(path);
    if (!raw && starts_netpbm(file)) return prepare(read_netpbm(file), model);
    return read_raw(file, model);
  } catch (const Error& error) {
    throw Error(error.kind(), message("picture ", quoted(path), ": ", error.what()));
  }
}

}  // namespace edgebin::cli
