// Which product of codes and bits a core does faster, table lookups or counts of bits, where a
// layer suits both: known of a core by its name, or found by a short trial.
#ifndef EDGEBIN_KERNELS_PRODUCT_H_
#define EDGEBIN_KERNELS_PRODUCT_H_

#include <optional>
#include <string_view>

#include "kernels/cpu.h"
#include "kernels/kernels.h"

namespace edgebin::kernels {

// The product named `requested`, "lookup" or "bit_serial". "" means the environment variable
// EDGEBIN_PRODUCT if it is set and not empty, and otherwise what suits this machine's core, which
// takes about a millisecond to find out, once, where the core is not known. Throws Error(kOption)
// if `kernels` do not have what is wanted.
Product choose_product(const Kernels& kernels, std::string_view requested = {});

// What is known without a trial. Of x86, lookups are the faster ones wherever they are used
// (benchmarks/kernels.py); of an ARM core its name decides.
std::optional<Product> known_product(const Cpu& cpu);

// By a trial of both on a small problem. `kernels` have lookups.
Product try_products(const Kernels& kernels);

// As the environment variable has it.
std::string_view name_of(Product product);

}  // namespace edgebin::kernels

#endif  // EDGEBIN_KERNELS_PRODUCT_H_
