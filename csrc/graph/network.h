// A network as plain data: the contents of an `.ebn` file before operators are looked up. Names of
// operators, roles of constants and keys of attributes are strings here; ops/ interprets them.
#ifndef EDGEBIN_GRAPH_NETWORK_H_
#define EDGEBIN_GRAPH_NETWORK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/types.h"

namespace edgebin {

// One operator applied to values. Values are numbered: the graph's inputs first, then one per node.
struct Node {
  std::string op;
  std::string name;
  std::vector<int> inputs;
  std::map<std::string, Constant, std::less<>> constants;       // by role
  std::map<std::string, std::int32_t, std::less<>> attributes;  // by key
};

// Of the elements that a caller gives. In the graph, kS8 is the type u8: v is the element v + 128.
enum class InputType : std::uint8_t { kU8, kF32, kS8 };
inline constexpr int kInputTypes = 3;

std::string_view name_of(InputType type);  // u8, f32, s8

struct GraphInput {
  std::string name;
  Shape shape;
  InputType type = InputType::kU8;

  // Of the elements that a caller gives.
  std::size_t bytes() const {
    return static_cast<std::size_t>(shape.elements()) * (type == InputType::kF32 ? 4 : 1);
  }
  ValueType value() const { return {type == InputType::kF32 ? DType::kF32 : DType::kU8, shape}; }
};

struct GraphOutput {
  std::string name;
  int value = 0;
};

// Nodes are in the order of execution: each reads only values with lower numbers than its own.
struct Graph {
  std::vector<GraphInput> inputs;
  std::vector<Node> nodes;
  std::vector<GraphOutput> outputs;
};

enum class Colour : std::uint8_t { kRgb, kBgr, kGrey };
enum class Filter : std::uint8_t { kNearest, kBilinear, kBicubic, kLanczos };

std::string_view name_of(Colour colour);  // rgb, bgr, grey
std::string_view name_of(Filter filter);  // nearest, bilinear, bicubic, lanczos

// How an image becomes the input. `mean` and `scale` are the normalisation of training, in units of
// 0..1, for information only: the exporter has folded them into the graph.
struct Preprocessing {
  Colour colour = Colour::kRgb;
  Filter filter = Filter::kNearest;
  std::uint32_t resize = 0;  // short side before the centre crop; 0 stretches to the input size
  bool letterbox = false;    // instead: the whole image, its aspect kept, on `fill`
  std::uint8_t fill = 0;
  std::vector<float> mean;  // one for each channel of the first input; none if that is no image
  std::vector<float> scale;
};

enum class TaskKind : std::uint8_t { kClassify, kDetect, kSegment, kEmbed, kRaw };
inline constexpr int kTaskKinds = 5;

std::string_view name_of(TaskKind kind);  // classify, detect, segment, embed, raw

// How the four numbers of a box are meant, in strides of its level: distances from the centre of
// the position to the left, top, right and bottom edge, or the centre from the position's top left
// corner and the size.
enum class BoxForm : std::uint8_t { kLtrb, kCentre };
inline constexpr int kBoxForms = 2;

std::string_view name_of(BoxForm form);  // ltrb, centre

// Positions `stride` pixels apart, with a box each and a score for each class: numbers of outputs.
struct LevelRule {
  std::uint32_t stride = 1;
  std::uint32_t boxes = 0;
  std::uint32_t scores = 0;
};

// From the outputs of a detector to boxes.
struct DetectRule {
  BoxForm form = BoxForm::kLtrb;
  bool class_aware = true;             // boxes of different classes do not suppress each other
  float iou_threshold = 0;             // a box that overlaps a better one by more is suppressed
  std::uint32_t candidates = 1;        // the best scores, whose boxes are looked at
  std::uint32_t max_boxes = 1;         // of an image
  std::vector<LevelRule> levels = {};  // NOLINT(readability-redundant-member-init): gcc warns
};

// What the outputs are for.
struct Task {
  TaskKind kind = TaskKind::kClassify;
  float temperature = 1;   // of kClassify: scores are softmax(logits / temperature)
  float threshold = 0;     // of kClassify: an image whose best score is lower is of none of the
                           // classes; of kDetect: boxes with a lower score are left out
  DetectRule detect = {};  // of kDetect
};

// The hash of every value, by number, that the oracle computed from one image. probe_image.h draws
// that image from the seed.
struct ProbeHashes {
  std::uint32_t seed = 0;
  std::vector<std::uint32_t> hashes;
};

// The constants are views of the file's bytes, which must outlive the network.
struct Network {
  std::uint32_t version = 2;  // of the file
  std::string name;
  std::string producer;
  Preprocessing preprocessing;
  std::vector<std::string> labels;
  Graph graph;
  std::vector<ProbeHashes> fingerprint;  // one for each probe image; may be empty
  std::optional<Task> task;              // empty before version 3
};

}  // namespace edgebin

#endif  // EDGEBIN_GRAPH_NETWORK_H_
