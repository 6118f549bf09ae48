// The C interface on top of edgebin::Model. It checks pointers and sizes of structures and converts
// types. All other checks are made by the model.
#include "edgebin/edgebin.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "c_api/last_error.h"
#include "c_api/sized.h"
#include "edgebin/model.h"
#include "tasks/detect.h"

struct edgebin_model {
  explicit edgebin_model(edgebin::Model&& loaded) : model(std::move(loaded)) {}

  edgebin::Model model;
};

namespace edgebin {
namespace {

// Sizes of the first versions of the structures: up to and including the field named.
constexpr std::size_t kOptionsSize = offsetof(edgebin_options, pin) + sizeof(edgebin_options::pin);
constexpr std::size_t kInfoSize =
    offsetof(edgebin_info, arena_bytes) + sizeof(edgebin_info::arena_bytes);
constexpr std::size_t kValueSize =
    offsetof(edgebin_value, elements) + sizeof(edgebin_value::elements);

template <class T>
void require(const T* pointer, std::string_view name) {
  if (pointer == nullptr) throw Error(ErrorKind::kInput, message(name, ": is a null pointer"));
}

Options options_of(const edgebin_options* given) {
  Options options;
  if (given == nullptr) return options;
  const edgebin_options known = read_sized(*given, kOptionsSize, "options");
  if (known.isa != nullptr) options.isa = known.isa;
  if (known.threads != 0) options.threads = known.threads;
  options.pin = known.pin != 0;
  options.max_arena_bytes = known.max_arena_bytes;
  return options;
}

constexpr std::size_t kTensorSize = offsetof(edgebin_tensor, type) + sizeof(edgebin_tensor::type);

edgebin_type type_of(const ValueInfo& value) {
  if (value.dtype == "f32") return EDGEBIN_TYPE_F32;
  return value.dtype == "s8" ? EDGEBIN_TYPE_S8 : EDGEBIN_TYPE_U8;
}

// The entries of a list of the caller, whose structures may be longer than ours.
std::vector<edgebin_tensor> tensors_of(const edgebin_tensor* given, std::size_t count,
                                       std::span<const ValueInfo> values, std::string_view name) {
  require(given, name);
  if (count != values.size()) {
    throw Error(ErrorKind::kInput, message(name, ": expected ", values.size(), ", found ", count));
  }
  std::vector<edgebin_tensor> tensors;
  const auto* at = reinterpret_cast<const std::byte*>(given);
  for (const ValueInfo& value : values) {
    tensors.push_back(read_sized(*reinterpret_cast<const edgebin_tensor*>(at), kTensorSize, name));
    const edgebin_tensor& tensor = tensors.back();
    if (tensor.size != given->size) {
      throw Error(ErrorKind::kInput,
                  message(name, ": expected sizes of ", given->size, ", found ", tensor.size));
    }
    at += tensor.size;
    if (tensor.bytes > 0) require(tensor.data, name);
    if (tensor.bytes == 0 || tensor.type == type_of(value)) continue;
    throw Error(ErrorKind::kInput, message(name, ": expected ", quoted(value.name), " of type ",
                                           static_cast<int>(type_of(value)), " (", value.dtype,
                                           "), found ", tensor.type));
  }
  return tensors;
}

edgebin_value value_of(const ValueInfo& info) {
  return {.size = 0,
          .name = info.name.c_str(),
          .height = info.height,
          .width = info.width,
          .channels = info.channels,
          .probabilities = info.probabilities ? 1 : 0,
          .elements = info.elements(),
          .type = type_of(info)};
}

void write_value(std::span<const ValueInfo> values, std::size_t index, edgebin_value* value,
                 std::string_view name) {
  require(value, "value");
  if (index >= values.size()) {
    throw Error(ErrorKind::kInput,
                message(name, ": expected 0 to ", values.size() - 1, ", found ", index));
  }
  write_sized(value_of(values[index]), value, kValueSize, "value");
}

edgebin_info info_of(const ModelInfo& info) {
  return {.size = 0,
          .name = info.name.c_str(),
          .producer = info.producer.c_str(),
          .colour = info.colour.c_str(),
          .filter = info.filter.c_str(),
          .isa = info.isa.c_str(),
          .resize = info.resize,
          .threads = info.threads,
          .output_count = info.outputs.size(),
          .label_count = info.labels.size(),
          .file_bytes = info.file_bytes,
          .arena_bytes = info.arena_bytes,
          .input_count = info.inputs.size(),
          .task = info.task.c_str(),
          .temperature = info.temperature,
          .threshold = info.threshold,
          .letterbox = info.letterbox ? 1 : 0,
          .fill = info.fill,
          .max_boxes = info.detect ? info.detect->max_boxes : 0};
}

void check_image_size(std::int32_t width, std::int32_t height) {
  if ((width > 0 && height > 0) || (width == 0 && height == 0)) return;
  throw Error(ErrorKind::kInput, message("width and height: expected both at least 1, or both 0, "
                                         "found ",
                                         width, " and ", height));
}

void check_one_image(const ModelInfo& model, std::size_t bytes) {
  if (bytes == model.input.bytes()) return;
  throw Error(ErrorKind::kInput,
              message("pixels: expected ", model.input.bytes(), " bytes, found ", bytes));
}

// Null if there is no memory for them.
const std::vector<std::string>* isa_names() noexcept {
  try {
    static const std::vector<std::string> names = isas();
    return &names;
  } catch (...) {
    return nullptr;
  }
}

}  // namespace
}  // namespace edgebin

using edgebin::guarded;
using edgebin::require;

uint32_t edgebin_abi_version(void) { return EDGEBIN_ABI_VERSION; }

const char* edgebin_version(void) { return EDGEBIN_VERSION; }

const char* edgebin_last_error(void) { return edgebin::last_error(); }

const char* edgebin_last_error_code(void) { return edgebin::last_error_code(); }

size_t edgebin_isa_count(void) {
  const auto* const names = edgebin::isa_names();
  return names == nullptr ? 0 : names->size();
}

const char* edgebin_isa_name(size_t index) {
  const auto* const names = edgebin::isa_names();
  return names != nullptr && index < names->size() ? (*names)[index].c_str() : nullptr;
}

edgebin_status edgebin_load(const char* path, const edgebin_options* options,
                            edgebin_model** model) {
  return guarded([&] {
    require(path, "path");
    require(model, "model");
    *model = std::make_unique<edgebin_model>(
                 edgebin::Model(std::string(path), edgebin::options_of(options)))
                 .release();
  });
}

edgebin_status edgebin_load_memory(const void* file, size_t size, const edgebin_options* options,
                                   edgebin_model** model) {
  return guarded([&] {
    require(file, "file");
    require(model, "model");
    const std::span bytes(static_cast<const std::byte*>(file), size);
    *model = std::make_unique<edgebin_model>(edgebin::Model(bytes, edgebin::options_of(options)))
                 .release();
  });
}

void edgebin_free(edgebin_model* model) { delete model; }

edgebin_status edgebin_get_info(const edgebin_model* model, edgebin_info* info) {
  return guarded([&] {
    require(model, "model");
    require(info, "info");
    edgebin::write_sized(edgebin::info_of(model->model.info()), info, edgebin::kInfoSize, "info");
  });
}

edgebin_status edgebin_get_input(const edgebin_model* model, edgebin_value* value) {
  return edgebin_get_input_at(model, 0, value);
}

edgebin_status edgebin_get_input_at(const edgebin_model* model, size_t index,
                                    edgebin_value* value) {
  return guarded([&] {
    require(model, "model");
    edgebin::write_value(model->model.info().inputs, index, value, "input");
  });
}

edgebin_status edgebin_get_output(const edgebin_model* model, size_t index, edgebin_value* value) {
  return guarded([&] {
    require(model, "model");
    edgebin::write_value(model->model.info().outputs, index, value, "output");
  });
}

const char* edgebin_label(const edgebin_model* model, size_t index) {
  if (model == nullptr) return nullptr;
  const auto& labels = model->model.info().labels;
  return index < labels.size() ? labels[index].c_str() : nullptr;
}

edgebin_status edgebin_run(const edgebin_model* model, const uint8_t* images, size_t bytes,
                           float* output, size_t elements) {
  return guarded([&] {
    require(model, "model");
    require(images, "pictures");  // the parameter's name in edgebin.h
    require(output, "output");
    if (elements == 0) {  // the model takes an empty span for an output that is not wanted
      throw edgebin::Error(edgebin::ErrorKind::kInput,
                           "elements: expected those of the output, found 0");
    }
    std::vector<std::span<float>> outputs(model->model.info().outputs.size());
    outputs.front() = {output, elements};
    model->model.run({images, bytes}, outputs);
  });
}

edgebin_status edgebin_run_outputs(const edgebin_model* model, const uint8_t* images, size_t bytes,
                                   float* const* outputs, const size_t* elements, size_t count) {
  return guarded([&] {
    require(model, "model");
    require(images, "pictures");  // the parameter's name in edgebin.h
    require(outputs, "outputs");
    require(elements, "elements");
    std::vector<std::span<float>> spans;
    for (size_t i = 0; i < count; ++i) {
      if (elements[i] > 0) require(outputs[i], "output");
      spans.emplace_back(outputs[i], elements[i]);
    }
    model->model.run({images, bytes}, spans);
  });
}

edgebin_status edgebin_run_tensors(const edgebin_model* model, const edgebin_tensor* inputs,
                                   size_t input_count, const edgebin_tensor* outputs,
                                   size_t output_count) {
  return guarded([&] {
    require(model, "model");
    const edgebin::ModelInfo& info = model->model.info();
    std::vector<std::span<const std::byte>> from;
    for (const auto& tensor : edgebin::tensors_of(inputs, input_count, info.inputs, "inputs")) {
      from.emplace_back(static_cast<const std::byte*>(tensor.data), tensor.bytes);
    }
    std::vector<std::span<float>> to;
    for (const auto& tensor : edgebin::tensors_of(outputs, output_count, info.outputs, "outputs")) {
      if (tensor.bytes % sizeof(float) != 0) {
        throw edgebin::Error(
            edgebin::ErrorKind::kInput,
            edgebin::message("outputs: expected a multiple of 4 bytes, found ", tensor.bytes));
      }
      to.emplace_back(static_cast<float*>(tensor.data), tensor.bytes / sizeof(float));
    }
    model->model.run(from, to);
  });
}

edgebin_status edgebin_detect(const edgebin_model* model, const uint8_t* pixels, size_t bytes,
                              int32_t width, int32_t height, edgebin_detection* detections,
                              size_t capacity, size_t* count) {
  return guarded([&] {
    require(model, "model");
    require(pixels, "pixels");
    if (capacity > 0) require(detections, "detections");
    require(count, "count");
    edgebin::check_image_size(width, height);
    const edgebin::Model& loaded = model->model;
    edgebin::tasks::Detector detector(loaded.info());
    edgebin::check_one_image(loaded.info(), bytes);
    const auto found = edgebin::tasks::detect(loaded, std::as_bytes(std::span(pixels, bytes)),
                                              {width, height}, detector);
    const size_t written = std::min(found.size(), capacity);
    for (size_t i = 0; i < written; ++i) {
      const auto& [box, score, index] = found[i];
      detections[i] = {box.left,   box.top, box.right,
                       box.bottom, score,   static_cast<int32_t>(index)};
    }
    *count = written;
  });
}

edgebin_status edgebin_verify(const edgebin_model* model) {
  std::string line;
  const edgebin_status status = guarded([&] {
    require(model, "model");
    const auto difference = model->model.verify();
    if (difference) line = edgebin::describe(*difference);
  });
  if (status != EDGEBIN_OK || line.empty()) return status;
  return edgebin::fail(EDGEBIN_ERROR_DIFFERENT, line.c_str());
}
