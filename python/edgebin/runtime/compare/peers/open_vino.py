"""OpenVINO: its own files, and those of ONNX and TensorFlow Lite."""

from __future__ import annotations

from edgebin.runtime.compare.peers.peer import Loaded, Peer, noise, shape_of


def _load(path: str, threads: int, batch: int) -> Loaded:
    import openvino

    core = openvino.Core()
    model = core.read_model(path)
    shapes = {
        value: list(shape_of([_size(d) for d in value.partial_shape], batch))
        for value in model.inputs
    }
    model.reshape(shapes)
    options = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
    request = core.compile_model(model, "CPU", options).create_infer_request()
    words = []
    for number, value in enumerate(model.inputs):
        tensor = request.get_input_tensor(number).data
        tensor[:] = noise(tensor.shape, tensor.dtype)
        words.append(f"{tensor.dtype} {'x'.join(map(str, shapes[value]))}")
    return Loaded(request.infer, ", ".join(words))


def _size(dimension: object) -> int | None:
    """Return the size of a dimension, None where it is open."""
    return None if getattr(dimension, "is_dynamic", False) else int(str(dimension))


PEER = Peer(
    title="OpenVINO",
    module="openvino",
    package="openvino",
    suffixes=(".onnx", ".tflite", ".xml"),
    load=_load,
)
