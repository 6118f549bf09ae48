#include "file/tensors.h"

#include <cstdint>

#include "base/bits.h"
#include "base/error.h"

namespace edgebin {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMinEntry = 8;  // dtype, rank, zero and one dimension
constexpr std::int64_t kMaxProduct = (std::int64_t{1} << 31) - 1;

Constant read_entry(Cursor& cursor) {
  Constant tensor;
  const int type = cursor.u8("tensor dtype");
  if (type >= kConstantTypes) {
    cursor.fail(Rule::kTensorType, "tensor dtype",
                message("is ", type, ", expected 0 to ", kConstantTypes - 1), 1);
  }
  tensor.type = static_cast<ConstantType>(type);
  tensor.rank = cursor.u8("tensor rank");
  if (tensor.rank < 1 || tensor.rank > 4) {
    cursor.fail(Rule::kTensorRank, "tensor rank", message("is ", tensor.rank, ", expected 1 to 4"),
                1);
  }
  cursor.zero(Rule::kTensorZero, "tensor zero field", 2);
  std::int64_t product = 1;
  for (int i = 0; i < tensor.rank; ++i) {
    tensor.dims[i] = static_cast<int>(
        cursor.within(Rule::kTensorDimension, "tensor dimension", 1, kMaxDimension));
    product *= tensor.dims[i];
    if (product > kMaxProduct) {
      cursor.fail(Rule::kTensorElements, "tensor dimension",
                  "makes the tensor 2^31 elements or more", 4);
    }
  }
  return tensor;
}

[[noreturn]] void fail(Rule rule, std::size_t index, const Constant& tensor,
                       const std::string& wrong) {
  refuse_file(rule, message("tensor ", index, ", ", describe(tensor), ": ", wrong));
}

// Checks that the padding from `from` to the next possible start of a tensor is zero and returns
// that start.
std::size_t skip_gap(std::span<const std::byte> file, std::size_t from) {
  const std::size_t to = align_up(from, kAlignment);
  if (to > file.size()) {
    refuse_file(Rule::kTensorPadding,
                message("padding up to byte ", to, " is missing, the file has ", file.size()));
  }
  for (std::size_t i = from; i < to; ++i) {
    const int value = std::to_integer<int>(file[i]);
    if (value == 0) continue;
    refuse_file(Rule::kTensorPadding,
                message("padding at byte ", i, ": is ", value, ", expected 0"));
  }
  return to;
}

void check_row_padding(std::size_t index, const Constant& tensor) {
  if (tensor.type != ConstantType::kBit || tensor.row_length() % 8 == 0) return;
  const auto used =
      static_cast<std::uint8_t>(low_bits(static_cast<std::size_t>(tensor.row_length() % 8)));
  const auto row_bytes = static_cast<std::size_t>(tensor.row_bytes());
  for (std::size_t end = row_bytes; end <= tensor.bytes.size(); end += row_bytes) {
    if (std::to_integer<std::uint8_t>(tensor.bytes[end - 1]) > used) {
      fail(Rule::kTensorBits, index, tensor,
           message("row ", end / row_bytes - 1, " has a bit set past its end"));
    }
  }
}

}  // namespace

std::vector<Constant> read_tensor_table(Cursor& cursor, std::size_t file_bytes) {
  const std::size_t count = cursor.count("tensor count", kMinEntry);
  if (count > file_bytes / kAlignment) {
    cursor.fail(Rule::kHeaderCount, "tensor count",
                message("is ", count, ", the file of ", file_bytes, " bytes holds at most ",
                        file_bytes / kAlignment),
                4);
  }
  std::vector<Constant> tensors(count);
  for (Constant& tensor : tensors) tensor = read_entry(cursor);
  return tensors;
}

void place_tensors(std::span<const std::byte> file, std::size_t header_end,
                   std::vector<Constant>& tensors) {
  std::size_t end = skip_gap(file, header_end);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::size_t start = skip_gap(file, end);
    const Bytes size = static_cast<Bytes>(tensors[i].rows()) * tensors[i].row_bytes();
    if (size > file.size() - start) {
      fail(Rule::kTensorBytes, i, tensors[i],
           message("has ", size, " bytes from byte ", start, ", the file has ", file.size()));
    }
    tensors[i].bytes = file.subspan(start, static_cast<std::size_t>(size));
    check_row_padding(i, tensors[i]);
    end = start + tensors[i].bytes.size();
  }
  if (end != file.size()) {
    refuse_file(Rule::kTensorEnd,
                message("the last tensor ends at byte ", end, ", the file at ", file.size()));
  }
}

}  // namespace edgebin
