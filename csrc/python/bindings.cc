// The Python module edgebin._core; _core.pyi is its contract. It converts and forwards: whatever it
// knows of networks comes from the core, whatever it checks is the type of an argument.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.h"
#include "edgebin/model.h"
#include "graph/rules.h"
#include "kernels/conv_algo.h"
#include "kernels/dispatch.h"
#include "ops/op.h"
#include "python/arrays.h"
#include "python/unlocked.h"
#include "runtime/layer_info.h"
#include "runtime/program.h"
#include "runtime/session_pool.h"

namespace edgebin {
namespace {

namespace py = pybind11;

using Dimensions = std::tuple<int, int, int>;

Dimensions dimensions_of(const Shape& shape) { return {shape.h, shape.w, shape.c}; }

// What the header says outside the nodes: a view of the program.
struct NetworkInfo {
  std::shared_ptr<const Program> program;

  const Network& network() const { return program->network(); }
  const Preprocessing& preprocessing() const { return network().preprocessing; }
};

// One node after shape inference: likewise.
struct LayerInfo {
  std::shared_ptr<const Program> program;
  Layer layer;
};

class PyModel {
 public:
  PyModel(const std::string& path, const ProgramOptions& options)
      : program_(Program::load(path, options)), sessions_(program_) {}

  const std::shared_ptr<const Program>& program() const { return program_; }

  std::vector<py::array_t<float>> run(const py::object& object) {
    const auto pictures = pictures_of(object, program_->types()[0].shape);
    auto outputs = make_outputs(pictures.shape(0));
    run_unlocked(pictures.data(), pictures.shape(0), outputs.second.data());
    return std::move(outputs.first);
  }

  // Nanoseconds by picture and stage.
  std::vector<std::vector<std::int64_t>> profile(const py::object& object) {
    const auto pictures = pictures_of(object, program_->types()[0].shape);
    const auto outputs = make_outputs(1);
    std::vector<std::vector<std::int64_t>> result;
    const std::uint8_t* const pixels = pictures.data();
    const Unlocked unlocked;
    for (std::int64_t i = 0; i < pictures.shape(0); ++i) {
      std::vector<std::chrono::nanoseconds> times(program_->stages().size());
      sessions_.profile(pixels + i * program_->picture_bytes(), outputs.second.data(), times);
      auto& of_picture = result.emplace_back();
      for (const std::chrono::nanoseconds time : times) of_picture.push_back(time.count());
    }
    return result;
  }

  // The nodes and the kernel of each stage.
  std::vector<std::pair<std::vector<int>, std::string>> stages() const {
    std::vector<std::pair<std::vector<int>, std::string>> result;
    for (std::size_t i = 0; i < program_->stages().size(); ++i) {
      result.emplace_back(program_->stages()[i].nodes, program_->step(i).kernel());
    }
    return result;
  }

  std::optional<Difference> verify() {
    const Unlocked unlocked;
    return sessions_.verify();
  }

  std::vector<LayerInfo> layers() const {
    std::vector<LayerInfo> result;
    for (const Layer& layer : layers_of(*program_)) result.push_back({program_, layer});
    return result;
  }

  std::vector<std::map<std::string, py::array>> constants() const {
    std::vector<std::map<std::string, py::array>> result;
    for (const Node& node : program_->network().graph.nodes) {
      auto& of_node = result.emplace_back();
      for (const auto& [role, constant] : node.constants) of_node.emplace(role, array_of(constant));
    }
    return result;
  }

 private:
  // Python objects are touched, even copied, under the interpreter's lock only: none is in sight.
  void run_unlocked(const std::uint8_t* pictures, std::int64_t count, float* const* outputs) {
    const Unlocked unlocked;
    sessions_.run_batch(pictures, count, outputs);
  }

  // Room for the outputs of `count` pictures.
  std::pair<std::vector<py::array_t<float>>, std::vector<float*>> make_outputs(
      std::int64_t count) const {
    std::vector<py::array_t<float>> arrays;
    std::vector<float*> pointers;
    for (std::size_t i = 0; i < program_->network().graph.outputs.size(); ++i) {
      arrays.push_back(make_output(count, program_->output_type(i).shape));
      pointers.push_back(arrays.back().mutable_data());
    }
    return {std::move(arrays), std::move(pointers)};
  }

  std::shared_ptr<const Program> program_;
  SessionPool sessions_;
};

const char* exception_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kModelFile:
      return "ModelFileError";
    case ErrorKind::kInput:
      return "InputError";
    case ErrorKind::kOption:
      break;
  }
  return "OptionError";
}

// A path's bytes: a name that is no UTF-8 has surrogates in its str.
std::string path_of(const py::str& path) {
  const auto bytes = py::reinterpret_steal<py::bytes>(PyUnicode_EncodeFSDefault(path.ptr()));
  if (!bytes) throw py::error_already_set();
  return bytes;
}

// A line, which may begin with a path.
py::object text_of(const std::string& line) {
  const auto size = static_cast<py::ssize_t>(line.size());
  auto text =
      py::reinterpret_steal<py::object>(PyUnicode_DecodeUTF8(line.data(), size, "surrogateescape"));
  if (!text) throw py::error_already_set();
  return text;
}

// pybind11 prescribes the parameter.
void translate(std::exception_ptr pointer) {  // NOLINT(performance-unnecessary-value-param)
  try {
    if (pointer) std::rethrow_exception(pointer);
  } catch (const Error& error) {
    const py::object type = py::module_::import("edgebin.errors").attr(exception_of(error.kind()));
    const py::object instance = type(text_of(error.what()));
    if (!error.code().empty()) instance.attr("code") = std::string(error.code());
    py::set_error(type, instance);
  }
}

void bind_info(py::module_& module) {
  using Info = NetworkInfo;
  py::class_<Info>(module, "NetworkInfo", "What the header says outside the nodes.")
      .def_property_readonly("name", [](const Info& info) { return info.network().name; })
      .def_property_readonly("producer", [](const Info& info) { return info.network().producer; })
      .def_property_readonly("colour",
                             [](const Info& info) { return name_of(info.preprocessing().colour); })
      .def_property_readonly("filter",
                             [](const Info& info) { return name_of(info.preprocessing().filter); })
      .def_property_readonly("resize", [](const Info& info) { return info.preprocessing().resize; })
      .def_property_readonly("mean", [](const Info& info) { return info.preprocessing().mean; })
      .def_property_readonly("scale", [](const Info& info) { return info.preprocessing().scale; })
      .def_property_readonly("labels", [](const Info& info) { return info.network().labels; })
      .def_property_readonly(
          "self_test",
          [](const Info& info) {
            std::vector<std::pair<std::uint32_t, std::vector<std::uint32_t>>> result;
            for (const SelfTestCase& one : info.network().self_test) {
              result.emplace_back(one.seed, one.hashes);
            }
            return result;
          })
      .def_property_readonly("inputs",
                             [](const Info& info) {
                               std::vector<std::pair<std::string, Dimensions>> result;
                               for (const GraphInput& input : info.network().graph.inputs) {
                                 result.emplace_back(input.name, dimensions_of(input.shape));
                               }
                               return result;
                             })
      .def_property_readonly("outputs", [](const Info& info) {
        std::vector<std::pair<std::string, int>> result;
        for (const GraphOutput& output : info.network().graph.outputs) {
          result.emplace_back(output.name, output.value);
        }
        return result;
      });
}

void bind_layer(py::module_& module) {
  using Info = LayerInfo;
  py::class_<Info>(module, "LayerInfo", "One node after shape inference.")
      .def_property_readonly("op", [](const Info& info) { return info.layer.node->op; })
      .def_property_readonly("name", [](const Info& info) { return info.layer.node->name; })
      .def_property_readonly("inputs", [](const Info& info) { return info.layer.node->inputs; })
      .def_property_readonly("attributes",
                             [](const Info& info) {
                               const auto& attributes = info.layer.node->attributes;
                               return std::map<std::string, std::int32_t>(attributes.begin(),
                                                                          attributes.end());
                             })
      .def_property_readonly("dtype",
                             [](const Info& info) { return name_of(info.layer.output.dtype); })
      .def_property_readonly(
          "shape", [](const Info& info) { return dimensions_of(info.layer.output.shape); })
      .def_property_readonly("macs", [](const Info& info) { return info.layer.macs; })
      .def_property_readonly("weight_bits", [](const Info& info) { return info.layer.weight_bits; })
      .def_property_readonly("constant_bytes",
                             [](const Info& info) { return info.layer.constant_bytes; });
}

void bind_model(py::module_& module) {
  py::class_<PyModel>(module, "Model", "A network, prepared for one instruction set.")
      .def(py::init([](const py::str& path, const std::string& isa, int threads,
                       const std::map<std::string, std::string>& kernels, bool pin,
                       const std::string& conv_algo, std::uint64_t max_arena_bytes) {
             return std::make_unique<PyModel>(path_of(path),
                                              ProgramOptions{isa,
                                                             threads,
                                                             pin,
                                                             {kernels.begin(), kernels.end()},
                                                             conv_algo,
                                                             max_arena_bytes});
           }),
           py::arg("path"), py::arg("isa") = "", py::arg("threads") = 1,
           py::arg("kernels") = std::map<std::string, std::string>{}, py::arg("pin") = false,
           py::arg("conv_algo") = "", py::arg("max_arena_bytes") = 0)
      .def("run", &PyModel::run, py::arg("pictures"),
           "Run (N, H, W, C) uint8 pictures; one float32 array per output.")
      .def("profile", &PyModel::profile, py::arg("pictures"),
           "Run them one by one; nanoseconds of each stage, by picture.")
      .def("verify", &PyModel::verify, "Run the file's self-test; the first difference, or None.")
      .def_property_readonly("stages", &PyModel::stages)
      .def_property_readonly("info",
                             [](const PyModel& model) { return NetworkInfo{model.program()}; })
      .def_property_readonly("layers", &PyModel::layers)
      .def_property_readonly("constants", &PyModel::constants)
      .def_property_readonly("isa",
                             [](const PyModel& model) { return model.program()->kernels().isa; })
      .def_property_readonly("threads",
                             [](const PyModel& model) { return model.program()->threads(); })
      .def_property_readonly("arena_bytes",
                             [](const PyModel& model) { return model.program()->arena_bytes(); })
      .def_property_readonly("live_bytes",
                             [](const PyModel& model) { return model.program()->live_bytes(); })
      .def_property_readonly("file_bytes",
                             [](const PyModel& model) { return model.program()->file_bytes(); });
}

void bind_difference(py::module_& module) {
  py::class_<Difference>(module, "Difference", "The first value that has another hash.")
      .def_readonly("layer", &Difference::layer)
      .def_readonly("ops", &Difference::ops)
      .def_readonly("value", &Difference::value)
      .def_readonly("kernel", &Difference::kernel)
      .def_readonly("isa", &Difference::isa)
      .def_readonly("threads", &Difference::threads)
      .def_readonly("picture", &Difference::picture)
      .def_readonly("expected", &Difference::expected)
      .def_readonly("found", &Difference::found)
      .def("__str__", [](const Difference& difference) { return describe(difference); });
}

}  // namespace

PYBIND11_MODULE(_core, module) {
  module.doc() = "The C++ core: reads .ebn files and runs them.";
  py::register_local_exception_translator(translate);
  bind_info(module);
  bind_layer(module);
  bind_difference(module);
  bind_model(module);
  module.def(
      "isas",
      [] {
        std::vector<std::string> names;
        for (const kernels::Kernels& kernels : kernels::available())
          names.emplace_back(kernels.isa);
        return names;
      },
      "Instruction sets this build has and this machine can run, best first.");
  module.def(
      "core", [] { return std::string(kernels::detect_cpu().name); },
      "The ARM core that asks, such as \"cortex-a72\"; \"\" where it is not known.");
  module.def(
      "conv_algo",
      [](const std::string& isa) {
        return std::string(kernels::name_of(kernels::choose_conv_algo(kernels::choose(isa))));
      },
      py::arg("isa") = "",
      "Algorithm of convolutions of codes and bits: \"lookup\" or \"bit_serial\".");
  module.def("deprecations", &deprecations,
             "What this process uses that a later release drops, one sentence each.");
  module.def(
      "combinations",
      [](const std::string& isa, int threads) {
        std::vector<std::tuple<std::string, std::string, int>> result;
        for (const Combination& one : combinations(isa, threads)) {
          result.emplace_back(one.isa, one.conv_algo, one.threads);
        }
        return result;
      },
      py::arg("isa") = "", py::arg("threads") = 0, "What a verification goes through.");
  module.def(
      "operators",
      [] {
        std::map<std::string, std::string> families;
        for (const Op& op : operators()) families.emplace(op.name, name_of(op.family));
        return families;
      },
      "Family of each operator that the runtime knows, by name.");
  module.def(
      "codes",
      [] {
        std::vector<std::string> names;
        for (const std::string_view code : all_codes()) names.emplace_back(code);
        return names;
      },
      "Codes of all rules that a file may break, in the order of FORMAT.md.");
}

}  // namespace edgebin
