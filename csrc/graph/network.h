// A whole network as plain data: what an `.ebn` file says, before any of it has a meaning. Names
// of operators, roles and keys are strings here; ops/ knows what they stand for.
#ifndef EDGEBIN_GRAPH_NETWORK_H_
#define EDGEBIN_GRAPH_NETWORK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graph/types.h"

namespace edgebin {

// One operator applied to values. Value numbers: the graph's inputs first, then one per node.
struct Node {
  std::string op;
  std::string name;
  std::vector<int> inputs;
  std::map<std::string, Constant, std::less<>> constants;       // by role
  std::map<std::string, std::int32_t, std::less<>> attributes;  // by key
};

struct GraphInput {
  std::string name;
  Shape shape;  // of u8 elements
};

struct GraphOutput {
  std::string name;
  int value = 0;
};

// Nodes are in the order of execution: each uses only values before its own.
struct Graph {
  std::vector<GraphInput> inputs;
  std::vector<Node> nodes;
  std::vector<GraphOutput> outputs;
};

enum class Colour : std::uint8_t { kRgb, kBgr, kGrey };
enum class Filter : std::uint8_t { kNearest, kBilinear, kBicubic, kLanczos };

std::string_view name_of(Colour colour);  // rgb, bgr, grey
std::string_view name_of(Filter filter);  // nearest, bilinear, bicubic, lanczos

// How a picture becomes the input, and what it was normalised with in training (in units of 0..1;
// for information, the graph has it folded in).
struct Preprocessing {
  Colour colour = Colour::kRgb;
  Filter filter = Filter::kNearest;
  std::uint32_t resize = 0;  // short side before the centre crop; 0 stretches to the input size
  std::vector<float> mean;
  std::vector<float> scale;
};

// What the oracle made of one picture, which test_picture.h draws from the seed: the hash of every
// value, numbered as in the graph.
struct SelfTestCase {
  std::uint32_t seed = 0;
  std::vector<std::uint32_t> hashes;
};

// The constants' bytes belong to whoever holds the file.
struct Network {
  std::string name;
  std::string producer;
  Preprocessing preprocessing;
  std::vector<std::string> labels;
  Graph graph;
  std::vector<SelfTestCase> self_test;  // may be empty
};

}  // namespace edgebin

#endif  // EDGEBIN_GRAPH_NETWORK_H_
