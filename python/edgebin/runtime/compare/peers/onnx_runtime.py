"""ONNX Runtime: files of ONNX."""

from __future__ import annotations

from edgebin.runtime.compare.peers.peer import Loaded, Peer, noise, shape_of

_TYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(bool)": "bool",
}


def _load(path: str, threads: int, batch: int) -> Loaded:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed, words = {}, []
    for value in session.get_inputs():
        if value.type not in _TYPES:
            raise ValueError(f'input "{value.name}": type {value.type} is not supported')
        array = noise(shape_of(value.shape, batch), _TYPES[value.type])
        feed[value.name] = array
        words.append(f"{array.dtype} {'x'.join(map(str, array.shape))}")
    return Loaded(lambda: session.run(None, feed), ", ".join(words))


PEER = Peer(
    title="ONNX Runtime",
    module="onnxruntime",
    package="onnxruntime",
    suffixes=(".onnx",),
    load=_load,
)
