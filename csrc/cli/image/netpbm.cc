#include "cli/image/netpbm.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace edgebin::cli {
namespace {

constexpr std::size_t kMaxDigits = 10;
constexpr std::size_t kMaxHeader = 65536;  // bytes, comments included
constexpr std::uint64_t kLargestSample = 65535;

[[noreturn]] void fail(const std::string& line) { throw Error(ErrorKind::kInput, line); }

bool is_space(int byte) {
  return byte >= 0 &&
         std::string_view(" \t\n\v\f\r").find(static_cast<char>(byte)) != std::string_view::npos;
}

// The bytes of a header of limited size.
class Header {
 public:
  explicit Header(InputFile& file) : file_(file) {}

  // As InputFile::next.
  int next() {
    if (++read_ > kMaxHeader) fail(message("header: has more than ", kMaxHeader, " bytes"));
    return file_.next();
  }

 private:
  InputFile& file_;
  std::size_t read_ = 0;
};

void skip_line(Header& header) {
  for (int byte = 0; byte != '\n' && byte != '\r' && byte >= 0;) byte = header.next();
}

// Reads the next number and the single space after it.
std::uint64_t read_number(Header& header, std::string_view name) {
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (;;) {
    const int byte = header.next();
    if (byte == '#') {
      skip_line(header);
    } else if (byte < 0 || (is_space(byte) && digits > 0)) {
      break;
    } else if (byte >= '0' && byte <= '9') {
      if (++digits > kMaxDigits) fail(message("header: ", name, " has more than 10 digits"));
      value = value * 10 + static_cast<std::uint64_t>(byte - '0');
    } else if (!is_space(byte)) {
      const char found = static_cast<char>(byte);
      fail(message("header: ", name, ": expected digits, found ", quoted({&found, 1})));
    }
  }
  if (digits == 0) fail(message("header: ends before the ", name));
  return value;
}

// A lookup table from samples to bytes: round(value / largest x range), half to even, as in Pillow.
std::vector<std::uint8_t> samples_to_bytes(std::uint64_t largest, bool grey) {
  const bool wide = largest > 255;
  const double range = wide && grey ? 65535 : 255;
  std::vector<std::uint8_t> bytes(wide ? 65536 : 256);
  for (std::size_t value = 0; value < bytes.size(); ++value) {
    const double scaled =
        std::nearbyint(static_cast<double>(value) / static_cast<double>(largest) * range);
    const auto sample = static_cast<std::uint32_t>(std::min(scaled, range));
    bytes[value] = static_cast<std::uint8_t>(range > 255 ? (sample + 128) / 257 : sample);
  }
  return bytes;
}

// Scales `samples` of one byte, or of two bytes in big-endian order, to 8 bits in place.
void scale(std::vector<std::uint8_t>& samples, std::uint64_t largest, bool grey) {
  const std::vector<std::uint8_t> to_byte = samples_to_bytes(largest, grey);
  if (largest <= 255) {
    for (std::uint8_t& sample : samples) sample = to_byte[sample];
    return;
  }
  for (std::size_t i = 0; i < samples.size() / 2; ++i) {
    samples[i] = to_byte[static_cast<std::size_t>(samples[2 * i] << 8 | samples[2 * i + 1])];
  }
  samples.resize(samples.size() / 2);
}

}  // namespace

bool starts_netpbm(InputFile& file) {
  const auto first = file.peek(3);
  return first.size() == 3 && first[0] == 'P' && (first[1] == '5' || first[1] == '6') &&
         is_space(first[2]);
}

Image read_netpbm(InputFile& file) {
  Header header(file);
  header.next();
  const bool grey = header.next() == '5';
  const std::uint64_t width = read_number(header, "width");
  const std::uint64_t height = read_number(header, "height");
  const std::uint64_t largest = read_number(header, "largest value");
  check_size(width, height);
  check_sides(width, height);
  if (largest < 1 || largest > kLargestSample) {
    fail(message("header: largest value: expected 1 to ", kLargestSample, ", found ", largest));
  }
  Image image;
  image.width = static_cast<int>(width);
  image.height = static_cast<int>(height);
  image.channels = grey ? 1 : 3;
  const auto bytes = static_cast<std::size_t>(width * height) *
                     static_cast<std::size_t>(image.channels) * (largest > 255 ? 2 : 1);
  image.pixels = file.take(bytes);
  if (image.pixels.size() < bytes) {
    fail(message("expected ", bytes, " bytes of pixels, found ", image.pixels.size()));
  }
  if (largest != 255) scale(image.pixels, largest, grey);
  return image;
}

}  // namespace edgebin::cli
