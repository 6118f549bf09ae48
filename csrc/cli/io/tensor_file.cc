#include "cli/io/tensor_file.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "base/error.h"
#include "cli/io/input_file.h"

namespace edgebin::cli {
namespace {

constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);
constexpr std::size_t kAlignment = 64;

std::string shape_of(const ValueInfo& value) {
  return message(value.height, ',', value.width, ',', value.channels, ')');
}

std::string_view descr_of(const ValueInfo& value) {
  if (value.dtype == "f32") return "<f4";
  return value.dtype == "s8" ? "|i1" : "|u1";
}

// Throws unless the header is that of an array of the input's type and shape, in C order.
void check_header(InputFile& file, const ValueInfo& input) {
  const std::vector<std::uint8_t> magic = file.take(kMagic.size());
  const std::vector<std::uint8_t> length = file.take(2);
  const bool known = length.size() == 2 && std::ranges::equal(magic, kMagic, {}, {}, [](char c) {
                       return static_cast<std::uint8_t>(c);
                     });
  std::string header;
  if (known) {
    for (const std::uint8_t letter : file.take(length[0] + std::size_t{256} * length[1])) {
      if (letter != ' ' && letter != '\n') header += static_cast<char>(letter);
    }
  }
  const std::string shape = shape_of(input);
  const std::size_t at = header.find(shape);
  const bool fits = header.find(message("'descr':'", descr_of(input), '\'')) != std::string::npos &&
                    header.find("'fortran_order':False") != std::string::npos &&
                    at != std::string::npos && at > 0 &&
                    (header[at - 1] == '(' || header[at - 1] == ',');
  if (fits) return;
  throw Error(ErrorKind::kInput,
              message("expected a .npy file of version 1 with an array '", descr_of(input),
                      "' of shape (N,", shape, ", found another"));
}

}  // namespace

bool is_npy(const std::string& path) { return path.ends_with(".npy"); }

std::vector<std::uint8_t> read_tensor(const std::string& path, const ValueInfo& input) {
  try {
    InputFile file(path);
    if (is_npy(path)) check_header(file, input);
    std::vector<std::uint8_t> elements = file.take(std::numeric_limits<std::size_t>::max());
    if (!elements.empty() && elements.size() % input.bytes() == 0) return elements;
    throw Error(ErrorKind::kInput, message("expected a multiple of ", input.bytes(),
                                           " bytes, found ", elements.size()));
  } catch (const Error& error) {
    throw Error(error.kind(), message("input ", quoted(path), ": ", error.what()));
  }
}

std::string npy_header(const ValueInfo& output, std::size_t count) {
  const bool is_vector = output.height == 1 && output.width == 1;
  const std::string sides = is_vector ? "" : message(output.height, ", ", output.width, ", ");
  std::string text = message("{'descr': '<f4', 'fortran_order': False, 'shape': (", count, ", ",
                             sides, output.channels, "), }");
  const std::size_t prefix = kMagic.size() + 2;
  text.resize((prefix + text.size() + kAlignment) / kAlignment * kAlignment - prefix, ' ');
  text.back() = '\n';
  std::string header(kMagic);
  header += static_cast<char>(text.size() % 256);
  header += static_cast<char>(text.size() / 256);
  return header + text;
}

}  // namespace edgebin::cli
