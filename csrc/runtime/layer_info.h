// What a program's layers are and cost, for people to read: one entry per node.
#ifndef EDGEBIN_RUNTIME_LAYER_INFO_H_
#define EDGEBIN_RUNTIME_LAYER_INFO_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/program.h"

namespace edgebin {

struct Layer {
  const Node* node;  // the program's
  ValueType output;
  std::int64_t macs;           // multiply-accumulates per picture, padding included
  int weight_bits;             // per weight; 0 without weights
  std::size_t constant_bytes;  // of all its constants, as stored
};

std::vector<Layer> layers_of(const Program& program);

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_LAYER_INFO_H_
