// The algorithms of a convolution of codes and binary weights, matrix tiles, table lookup and
// bit-serial, and which of them a core runs fastest where a layer suits all: matrix tiles where
// there are any; of the others, known of a core by its name, or measured by a short trial.
#ifndef EDGEBIN_KERNELS_CONV_ALGO_H_
#define EDGEBIN_KERNELS_CONV_ALGO_H_

#include <optional>
#include <string_view>
#include <vector>

#include "kernels/cpu.h"
#include "kernels/kernels.h"

namespace edgebin::kernels {

enum class ConvAlgo { kMatrixTiles, kLookup, kBitSerial };

// "matrix_tiles", "lookup" or "bit_serial": the names that choose_conv_algo and the environment
// take.
std::string_view name_of(ConvAlgo algo);

// The environment variable that decides where the caller requests no algorithm, and its name in
// release 0.1, which is read where the first one is unset or empty.
inline constexpr const char* kConvAlgoVariable = "EDGEBIN_CONV_ALGO";
inline constexpr const char* kOldConvAlgoVariable = "EDGEBIN_PRODUCT";

// Whether kOldConvAlgoVariable decides, which callers report as deprecated.
bool reads_old_variable();

// Those that the kernels have, fastest first on most cores; the last is always bit-serial.
std::vector<ConvAlgo> conv_algos(const Kernels& kernels);

// The algorithm named `requested`. "" means the environment variable if it is set and not empty,
// and otherwise what suits this machine's core; where the core is not known, a trial of about a
// millisecond finds that out, once. Throws Error(kOption) if `kernels` lack the algorithm.
ConvAlgo choose_conv_algo(const Kernels& kernels, std::string_view requested = {});

// Which of lookup and bit-serial is faster, as known without a trial. On x86, lookups are faster
// wherever they apply (benchmarks/kernels.py); on ARM the name of the core decides.
std::optional<ConvAlgo> known_conv_algo(const Cpu& cpu);

// The faster of lookup and bit-serial in a trial of both on a small problem. `kernels` have
// lookups.
ConvAlgo measured_conv_algo(const Kernels& kernels);

}  // namespace edgebin::kernels

#endif  // EDGEBIN_KERNELS_CONV_ALGO_H_
