"""LiteRT, TensorFlow Lite's heir: files of TensorFlow Lite."""

from __future__ import annotations

from edgebin.runtime.compare.peers.peer import Loaded, Peer, noise, shape_of


def _load(path: str, threads: int, batch: int) -> Loaded:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path, num_threads=threads)
    for details in interpreter.get_input_details():
        declared = details.get("shape_signature", details["shape"])
        shape = shape_of([int(d) for d in declared], batch)
        if tuple(details["shape"]) != shape:
            interpreter.resize_tensor_input(details["index"], shape)
    interpreter.allocate_tensors()
    words = []
    for details in interpreter.get_input_details():
        array = noise(tuple(details["shape"]), details["dtype"])
        interpreter.set_tensor(details["index"], array)
        words.append(f"{array.dtype} {'x'.join(map(str, array.shape))}")
    return Loaded(interpreter.invoke, ", ".join(words))


PEER = Peer(
    title="LiteRT",
    module="ai_edge_litert.interpreter",
    package="ai-edge-litert",
    suffixes=(".tflite",),
    load=_load,
)
