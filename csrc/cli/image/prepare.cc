#include "cli/image/prepare.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "cli/image/netpbm.h"
#include "cli/image/resample.h"
#include "cli/io/input_file.h"
#include "tasks/placement.h"

namespace edgebin::cli {
namespace {

[[noreturn]] void fail(const std::string& line) { throw Error(ErrorKind::kInput, line); }

// ITU-R BT.601 luma in Pillow's integer arithmetic.
std::uint8_t luma(const std::uint8_t* rgb) {
  return static_cast<std::uint8_t>((19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 0x8000) >>
                                   16);
}

Image coloured(const Image& image, int channels) {
  if (image.channels == channels) return image;
  Image result{image.width, image.height, channels, {}};
  const std::size_t pixels = image.pixels.size() / static_cast<std::size_t>(image.channels);
  result.pixels.reserve(pixels * static_cast<std::size_t>(channels));
  for (std::size_t i = 0; i < pixels; ++i) {
    if (channels == 1) {
      result.pixels.push_back(luma(image.pixels.data() + 3 * i));
    } else {
      result.pixels.insert(result.pixels.end(), 3, image.pixels[i]);
    }
  }
  return result;
}

Image fit(const Image& image, const ModelInfo& model) {
  const tasks::Placement placement = tasks::place(model, image.width, image.height);
  check_size(placement.width, placement.height);
  const Region region = {static_cast<int>(placement.left), static_cast<int>(placement.top),
                         model.input.width, model.input.height};
  return resize(image, static_cast<int>(placement.width), static_cast<int>(placement.height),
                model.filter, region, model.letterbox ? model.fill : std::uint8_t{0});
}

// Throws Error(kInput) if the network takes no images.
int channels_of(const ModelInfo& model) {
  if (model.mean.empty()) {
    fail(
        "model: expected a network that takes images, found one that takes arrays; what works: "
        "Model.run in Python, --input of edgebin-run");
  }
  const int channels = model.colour == "grey" ? 1 : 3;
  if (channels == model.input.channels) return channels;
  fail(message("model: ", model.colour, " images have ", channels, " channels, its input has ",
               model.input.channels, "; what works: Model.run in Python, --raw of edgebin-run"));
}

// The name of an unsupported format, known by its first bytes; "" if it is unknown.
std::string_view unsupported_format(std::span<const std::uint8_t> first) {
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
  const std::size_t expected = model.input.bytes();
  const std::string_view format = unsupported_format(file.peek(4));
  std::vector<std::uint8_t> bytes = file.take(expected);
  if (bytes.size() == expected && file.next() < 0) return bytes;
  if (!format.empty()) {
    fail(message("is a ", format, " image, which edgebin-run does not read; convert it, for ",
                 "example with: convert IMAGE -auto-orient image.ppm"));
  }
  fail(message("expected a binary PGM or PPM image or a raw tensor of ", expected, " bytes, found ",
               bytes.size() < expected ? message(bytes.size()) : "more",
               " bytes in no known format"));
}

// Calls act() and lets its errors name the image.
template <class Act>
void name_errors(const std::string& path, const Act& act) {
  try {
    act();
  } catch (const Error& error) {
    throw Error(error.kind(), message("image ", quoted(path), ": ", error.what()));
  }
}

}  // namespace

std::vector<std::uint8_t> prepare(const Image& image, const ModelInfo& model) {
  std::vector<std::uint8_t> pixels = fit(coloured(image, channels_of(model)), model).pixels;
  if (model.colour == "bgr") {
    for (std::size_t i = 0; i < pixels.size(); i += 3) std::swap(pixels[i], pixels[i + 2]);
  }
  return pixels;
}

PreparedInput read_input(const std::string& path, const ModelInfo& model, bool raw) {
  std::optional<Image> image;
  PreparedInput input;
  name_errors(path, [&] {
    InputFile file(path);
    if (!raw && starts_netpbm(file)) {
      image = read_netpbm(file);
    } else {
      input.elements = read_raw(file, model);
    }
  });
  if (!image) return input;
  channels_of(model);  // an error of the model, not of the image
  name_errors(path, [&] { input = {prepare(*image, model), image->width, image->height}; });
  return input;
}

}  // namespace edgebin::cli
