#include "cli/image/prepare.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "cli/image/netpbm.h"
#include "cli/image/resample.h"
#include "cli/io/input_file.h"

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

// The start of a centred crop of `wanted` pixels out of `found`, rounded half to even. Negative
// where black is added.
int offset(int found, int wanted) {
  const int twice = found - wanted;
  if (twice < 0) return -((wanted - found) / 2);
  return twice / 2 + (twice % 4 == 3 ? 1 : 0);
}

// The length of a side when the shortest side is resized to `resize`.
std::uint64_t resized(std::uint32_t resize, int side, int shortest) {
  return std::uint64_t{resize} * static_cast<std::uint64_t>(side) /
         static_cast<std::uint64_t>(shortest);
}

// The side of a letterboxed image along which it does not fill its box: side x scale, where scale
// is box / other, rounded.
int letterboxed(int side, int box, int other) {
  const std::uint64_t twice =
      std::uint64_t{2} * static_cast<std::uint64_t>(side) * static_cast<std::uint64_t>(box);
  const auto divisor = static_cast<std::uint64_t>(other);
  return static_cast<int>(std::max<std::uint64_t>(1, (twice + divisor) / (2 * divisor)));
}

Image letterbox(const Image& image, int width, int height, const ModelInfo& model) {
  int w = width;
  int h = height;
  if (std::int64_t{image.width} * height >= std::int64_t{image.height} * width) {
    h = letterboxed(image.height, width, image.width);
  } else {
    w = letterboxed(image.width, height, image.height);
  }
  const Region region = {-((width - w) / 2), -((height - h) / 2), width, height};
  return resize(image, w, h, model.filter, region, model.fill);
}

Image fit(const Image& image, const ModelInfo& model) {
  const auto [width, height] = std::array{model.input.width, model.input.height};
  if (model.letterbox) return letterbox(image, width, height, model);
  if (model.resize == 0) {
    return resize(image, width, height, model.filter, {0, 0, width, height});
  }
  const int shortest = std::min(image.width, image.height);
  const std::uint64_t wide = resized(model.resize, image.width, shortest);
  const std::uint64_t high = resized(model.resize, image.height, shortest);
  check_size(wide, high);
  const int w = static_cast<int>(wide);
  const int h = static_cast<int>(high);
  return resize(image, w, h, model.filter, {offset(w, width), offset(h, height), width, height});
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

std::vector<std::uint8_t> read_input(const std::string& path, const ModelInfo& model, bool raw) {
  std::optional<Image> image;
  std::vector<std::uint8_t> input;
  name_errors(path, [&] {
    InputFile file(path);
    if (!raw && starts_netpbm(file)) {
      image = read_netpbm(file);
    } else {
      input = read_raw(file, model);
    }
  });
  if (!image) return input;
  channels_of(model);  // an error of the model, not of the image
  name_errors(path, [&] { input = prepare(*image, model); });
  return input;
}

}  // namespace edgebin::cli
