#include "kernels/planted_fault.h"

#include <string_view>

namespace edgebin::kernels {
namespace {

// The right product.
constinit BitSerialFn right = nullptr;

bool is_struck(const Word* row, int words) {
  Word seen = 0;
  for (int i = 0; i < 2 * words; ++i) seen = (seen ^ row[i]) * 0x9e3779b97f4a7c15u;
  return seen >> 58 == 1;
}

void wrong(const Word* rows, const Word* weights, std::int32_t* acc, int pixels, int channels,
           int words) {
  right(rows, weights, acc, pixels, channels, words);
  for (std::ptrdiff_t p = 0; p < pixels; ++p) {
    if (is_struck(rows + 2 * p * words, words)) acc[p * channels] = -acc[p * channels];
  }
}

}  // namespace

void plant_fault(Kernels& kernels) {
  if (std::string_view(kernels.isa) != EDGEBIN_PLANTED_FAULT) return;
  right = kernels.bit_serial;
  kernels.bit_serial = wrong;
}

}  // namespace edgebin::kernels
