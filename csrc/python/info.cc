#include "python/info.h"

#include <pybind11/operators.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "edgebin/model.h"

namespace edgebin {
namespace {

namespace py = pybind11;

std::tuple<int, int, int> shape_of(const ValueInfo& value) {
  return {value.height, value.width, value.channels};
}

void bind_value(py::module_& module) {
  py::class_<ValueInfo>(module, "ValueInfo", "A value that enters or leaves the network.")
      .def_readonly("name", &ValueInfo::name)
      .def_property_readonly("shape", &shape_of)
      .def_readonly("probabilities", &ValueInfo::probabilities)
      .def_readonly("value", &ValueInfo::value)
      .def_readonly("dtype", &ValueInfo::dtype);
}

void bind_model_info(py::module_& module) {
  py::class_<ModelInfo>(module, "ModelInfo", "What a model is.")
      .def_readonly("name", &ModelInfo::name)
      .def_readonly("producer", &ModelInfo::producer)
      .def_readonly("inputs", &ModelInfo::inputs)
      .def_readonly("outputs", &ModelInfo::outputs)
      .def_readonly("labels", &ModelInfo::labels)
      .def_readonly("colour", &ModelInfo::colour)
      .def_readonly("filter", &ModelInfo::filter)
      .def_readonly("resize", &ModelInfo::resize)
      .def_readonly("letterbox", &ModelInfo::letterbox)
      .def_readonly("fill", &ModelInfo::fill)
      .def_readonly("task", &ModelInfo::task)
      .def_readonly("temperature", &ModelInfo::temperature)
      .def_readonly("threshold", &ModelInfo::threshold)
      .def_readonly("detect", &ModelInfo::detect)
      .def_readonly("mean", &ModelInfo::mean)
      .def_readonly("scale", &ModelInfo::scale)
      .def_readonly("isa", &ModelInfo::isa)
      .def_readonly("threads", &ModelInfo::threads)
      .def_readonly("file_bytes", &ModelInfo::file_bytes)
      .def_readonly("arena_bytes", &ModelInfo::arena_bytes)
      .def_readonly("live_bytes", &ModelInfo::live_bytes)
      .def_readonly("probe_images", &ModelInfo::probe_images);
}

void bind_detect_info(py::module_& module) {
  py::class_<DetectInfo>(module, "DetectInfo", "How the outputs of a detector become boxes.")
      .def_readonly("form", &DetectInfo::form)
      .def_readonly("class_aware", &DetectInfo::class_aware)
      .def_readonly("iou_threshold", &DetectInfo::iou_threshold)
      .def_readonly("candidates", &DetectInfo::candidates)
      .def_readonly("max_boxes", &DetectInfo::max_boxes)
      .def_property_readonly("levels", [](const DetectInfo& info) {
        std::vector<std::tuple<std::uint32_t, std::size_t, std::size_t>> levels;
        levels.reserve(info.levels.size());
        for (const auto& [stride, boxes, scores] : info.levels) {
          levels.emplace_back(stride, boxes, scores);
        }
        return levels;
      });
}

void bind_layer(py::module_& module) {
  py::class_<LayerInfo>(module, "LayerInfo", "One operator after shape inference.")
      .def_readonly("op", &LayerInfo::op)
      .def_readonly("name", &LayerInfo::name)
      .def_readonly("inputs", &LayerInfo::inputs)
      .def_readonly("attributes", &LayerInfo::attributes)
      .def_readonly("dtype", &LayerInfo::dtype)
      .def_property_readonly("shape",
                             [](const LayerInfo& layer) {
                               return std::tuple(layer.height, layer.width, layer.channels);
                             })
      .def_readonly("macs", &LayerInfo::macs)
      .def_readonly("weight_bits", &LayerInfo::weight_bits)
      .def_readonly("constant_bytes", &LayerInfo::constant_bytes);
}

void bind_difference(py::module_& module) {
  using Text = const std::string&;
  py::class_<Difference>(module, "Difference", "The first value that has another hash.")
      .def(py::init([](Text layer, Text ops, Text value, Text kernel, Text isa, int threads,
                       int image, std::uint32_t expected, std::uint32_t found) {
             return Difference{layer, ops, value, kernel, isa, threads, image, expected, found};
           }),
           py::arg("layer"), py::arg("ops"), py::arg("value"), py::arg("kernel"), py::arg("isa"),
           py::arg("threads"), py::arg("image"), py::arg("expected"), py::arg("found"))
      .def_readonly("layer", &Difference::layer)
      .def_readonly("ops", &Difference::ops)
      .def_readonly("value", &Difference::value)
      .def_readonly("kernel", &Difference::kernel)
      .def_readonly("isa", &Difference::isa)
      .def_readonly("threads", &Difference::threads)
      .def_readonly("image", &Difference::image)
      .def_readonly("expected", &Difference::expected)
      .def_readonly("found", &Difference::found)
      .def_property_readonly("line", &describe)
      .def(py::self == py::self)
      .def("__str__", &describe)
      .def("__repr__", [](const Difference& difference) {
        return "<Difference: " + describe(difference) + ">";
      });
}

}  // namespace

void bind_info(py::module_& module) {
  bind_value(module);
  bind_detect_info(module);
  bind_model_info(module);
  bind_layer(module);
  bind_difference(module);
}

}  // namespace edgebin
