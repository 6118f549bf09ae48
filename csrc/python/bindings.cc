// The Python module edgebin._core: edgebin/model.h with numpy arrays in the place of spans.
// _core.pyi documents it. Only the types of arguments are checked here.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.h"
#include "edgebin/model.h"
#include "python/arrays.h"
#include "python/errors.h"
#include "python/info.h"
#include "python/unlocked.h"
#include "tasks/classes.h"
#include "tasks/detect.h"

namespace edgebin {
namespace {

namespace py = pybind11;

using Kernels = std::map<std::string, std::string>;

Options options_of(const std::string& isa, int threads, const Kernels& kernels, bool pin,
                   const std::string& conv_algo, std::uint64_t max_arena_bytes) {
  Options options;
  options.isa = isa;
  options.threads = threads;
  options.pin = pin;
  options.conv_algo = conv_algo;
  options.max_arena_bytes = max_arena_bytes;
  options.kernels.insert(kernels.begin(), kernels.end());
  return options;
}

std::unique_ptr<Model> load(const py::str& path, const std::string& isa, int threads,
                            const Kernels& kernels, bool pin, const std::string& conv_algo,
                            std::uint64_t max_arena_bytes) {
  const Options options = options_of(isa, threads, kernels, pin, conv_algo, max_arena_bytes);
  return std::make_unique<Model>(path_of(path), options);
}

std::span<const std::byte> span_of(const py::bytes& bytes) {
  return std::as_bytes(std::span(std::string_view(bytes)));
}

// The model keeps `file` alive (py::keep_alive); bytes cannot change.
std::unique_ptr<Model> load_bytes(const py::bytes& file, const std::string& isa, int threads,
                                  const Kernels& kernels, bool pin, const std::string& conv_algo,
                                  std::uint64_t max_arena_bytes) {
  const Options options = options_of(isa, threads, kernels, pin, conv_algo, max_arena_bytes);
  return std::make_unique<Model>(span_of(file), options);
}

py::bytes file(const Model& model) {
  const std::span<const std::byte> bytes = model.file();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Python objects are used only while the interpreter is locked, so arrays are made before and
// results converted after the core runs.
std::vector<py::array_t<float>> run(const Model& model, const py::object& object) {
  const InputArrays inputs = inputs_of(object, model.info());
  const std::size_t count = inputs.count;
  std::vector<py::array_t<float>> arrays;
  std::vector<std::span<float>> outputs;
  for (const ValueInfo& output : model.info().outputs) {
    arrays.push_back(make_output(count, output));
    outputs.emplace_back(arrays.back().mutable_data(), count * output.elements());
  }
  if (count == 0) return arrays;
  const Unlocked unlocked;
  model.run(inputs.bytes, outputs);
  return arrays;
}

std::vector<std::vector<std::int64_t>> profile(const Model& model, const py::object& object) {
  const InputArrays inputs = inputs_of(object, model.info());
  std::vector<std::vector<std::int64_t>> result;
  const Unlocked unlocked;
  for (const auto& times : model.profile(inputs.bytes)) {
    auto& of_image = result.emplace_back();
    for (const std::chrono::nanoseconds time : times) of_image.push_back(time.count());
  }
  return result;
}

using Prediction = std::tuple<std::string, std::size_t, double>;

std::vector<std::vector<Prediction>> classify(const Model& model, const py::object& object,
                                              std::size_t top) {
  const InputArrays inputs = inputs_of(object, model.info());
  std::vector<std::vector<Prediction>> result;
  const Unlocked unlocked;
  for (const auto& predictions : tasks::classify(model, inputs.bytes.front(), top)) {
    auto& of_image = result.emplace_back();
    for (const auto& [label, index, score] : predictions) {
      of_image.emplace_back(label, index, score);
    }
  }
  return result;
}

// (boxes, 6): left, top, right, bottom, score and class.
py::array_t<float> rows_of(std::span<const tasks::Detection> detections) {
  constexpr py::ssize_t kNumbers = 6;
  py::array_t<float> rows({static_cast<py::ssize_t>(detections.size()), kNumbers});
  float* numbers = rows.mutable_data();
  for (const auto& [box, score, index] : detections) {
    for (const float number :
         {box.left, box.top, box.right, box.bottom, score, static_cast<float>(index)}) {
      *numbers++ = number;
    }
  }
  return rows;
}

using Outputs = std::vector<py::array_t<float, py::array::c_style>>;

// The boxes of one image, in pixels of the input, from the outputs of the network.
py::array_t<float> decode(const Model& model, const Outputs& outputs) {
  const ModelInfo& info = model.info();
  tasks::Detector detector(info);
  std::vector<std::span<const float>> spans;
  for (std::size_t i = 0; i < outputs.size() && i < info.outputs.size(); ++i) {
    spans.emplace_back(outputs[i].data(), static_cast<std::size_t>(outputs[i].size()));
    if (spans[i].size() != info.outputs[i].elements()) break;
  }
  if (spans.size() != info.outputs.size() || outputs.size() != spans.size() ||
      spans.back().size() != info.outputs.back().elements()) {
    throw Error(ErrorKind::kInput, "outputs: expected an array for each output, of its shape");
  }
  return rows_of(detector.decode(spans));
}

std::vector<py::array_t<float>> detect(const Model& model, const py::object& object,
                                       const std::vector<std::pair<int, int>>& sizes) {
  const InputArrays inputs = inputs_of(object, model.info());
  if (sizes.size() != inputs.count) {
    throw Error(ErrorKind::kInput,
                message("sizes: expected ", inputs.count, ", found ", sizes.size()));
  }
  std::vector<std::vector<tasks::Detection>> found;
  {
    const Unlocked unlocked;
    tasks::Detector detector(model.info());
    const std::size_t bytes = model.info().input.bytes();
    for (std::size_t i = 0; i < inputs.count; ++i) {
      const auto [width, height] = sizes[i];
      found.push_back(tasks::detect(model, inputs.bytes.front().subspan(i * bytes, bytes),
                                    {width, height}, detector));
    }
  }
  std::vector<py::array_t<float>> arrays;
  arrays.reserve(found.size());
  for (const std::vector<tasks::Detection>& detections : found) {
    arrays.push_back(rows_of(detections));
  }
  return arrays;
}

std::optional<Difference> verify(const Model& model) {
  const Unlocked unlocked;
  return model.verify();
}

std::vector<std::pair<std::vector<int>, std::string>> steps(const Model& model) {
  std::vector<std::pair<std::vector<int>, std::string>> result;
  for (const StepInfo& step : model.steps()) result.emplace_back(step.layers, step.kernel);
  return result;
}

std::vector<std::map<std::string, py::array>> constants(const Model& model) {
  std::vector<std::map<std::string, py::array>> result;
  for (const LayerInfo& layer : model.layers()) {
    auto& of_layer = result.emplace_back();
    for (const auto& [role, constant] : layer.constants) {
      of_layer.emplace(role, array_of(constant));
    }
  }
  return result;
}

std::vector<std::pair<std::uint32_t, std::vector<std::uint32_t>>> fingerprint(const Model& model) {
  std::vector<std::pair<std::uint32_t, std::vector<std::uint32_t>>> result;
  for (ProbeInfo& probe : model.fingerprint()) {
    result.emplace_back(probe.seed, std::move(probe.hashes));
  }
  return result;
}

void bind_model(py::module_& module) {
  py::class_<Model>(module, "Model", "A network, prepared for one instruction set.")
      .def(py::init(&load), py::arg("path"), py::arg("isa") = "", py::arg("threads") = 1,
           py::arg("kernels") = Kernels{}, py::arg("pin") = false, py::arg("conv_algo") = "",
           py::arg("max_arena_bytes") = 0)
      .def(py::init(&load_bytes), py::keep_alive<1, 2>(), py::arg("file"), py::arg("isa") = "",
           py::arg("threads") = 1, py::arg("kernels") = Kernels{}, py::arg("pin") = false,
           py::arg("conv_algo") = "", py::arg("max_arena_bytes") = 0)
      .def("run", &run, py::arg("inputs"),
           "Run (N, H, W, C) arrays, one for each input; one float32 array per output.")
      .def("classify", &classify, py::arg("images"), py::arg("top"),
           "Run images and rank the classes: (label, index, score), best first.")
      .def("detect", &detect, py::arg("images"), py::arg("sizes"),
           "Run images and find objects: (boxes, 6) for each, best first.")
      .def("decode", &decode, py::arg("outputs"),
           "Find objects in the outputs of one image: (boxes, 6), best first.")
      .def("profile", &profile, py::arg("inputs"),
           "Run images one by one; nanoseconds of each step, by image.")
      .def("verify", &verify, "Compare with the file's fingerprint; the first difference, or None.")
      .def_property_readonly("file", &file)
      .def_property_readonly("info", &Model::info)
      .def_property_readonly("layers", &Model::layers)
      .def_property_readonly("constants", &constants)
      .def_property_readonly("steps", &steps)
      .def_property_readonly("fingerprint", &fingerprint);
}

std::vector<std::tuple<std::string, std::string, int>> list_combinations(const std::string& isa,
                                                                         int threads) {
  std::vector<std::tuple<std::string, std::string, int>> result;
  for (const Combination& way : combinations(isa, threads)) {
    result.emplace_back(way.isa, way.conv_algo, way.threads);
  }
  return result;
}

}  // namespace

// A free-threaded interpreter need not enable its GIL: a model does not change after loading, and
// the core locks what its callers share (session_pool.cc, the statics of the standard library).
PYBIND11_MODULE(_core, module, py::mod_gil_not_used()) {
  module.doc() = "The C++ core: reads .ebn files and runs them.";
  register_errors();
  bind_info(module);
  bind_model(module);
  module.def("isas", &isas,
             "Instruction sets that this build has and this machine can run, best first.");
  module.def("core", &cpu_core,
             "The ARM core of the calling thread, such as \"cortex-a72\"; \"\" if not known.");
  module.def("conv_algo", &conv_algo, py::arg("isa") = "",
             "Algorithm of convolutions of codes and bits: \"matrix_tiles\", \"lookup\" or "
             "\"bit_serial\".");
  module.def("deprecations", &deprecations,
             "What this process uses that a later release drops, one sentence each.");
  module.def("combinations", &list_combinations, py::arg("isa") = "", py::arg("threads") = 0,
             "What a verification tries.");
  module.def("pin_caller", &pin_caller,
             "Pin the calling thread to the core that a pinned model leaves to it.");
  module.def("core_share", &core_share,
             "Share of its core that the calling thread gets; None where that is not known.");
  module.def("operators", &operator_families,
             "Family of each operator that the runtime knows, by name.");
  module.def("codes", &rule_codes,
             "Codes of all rules that a file may break, in the order of FORMAT.md.");
}

}  // namespace edgebin
