"""The oracle: runs a graph in numpy, operator by operator, exactly as FORMAT.md says.

The C++ runtime and every pass of the export must agree with it bit for bit. It is written to be
read; `edgebin.Model` runs networks fast.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgebin.errors import InputError
from edgebin.graph.ir import Array, Graph
from edgebin.graph.ops import OPS, infer_types


def run(graph: Graph, images: Array) -> list[npt.NDArray[np.float32]]:
    """Run a batch and return the graph's outputs, as `edgebin.Model.run` does.

    Args:
        graph: of the operators of FORMAT.md.
        images: uint8 (N, H, W, C), raw pixels.

    Returns:
        One float32 array per output: (N, C) where the output has one position, else (N, H, W, C).

    Raises:
        InputError: `images` are no uint8 batch of the graph's input shape.
        ModelFileError: the graph is not one that FORMAT.md allows.
    """
    values = evaluate(graph, images)
    outputs = [np.asarray(values[name], np.float32) for name in graph.outputs]
    return [x[:, 0, 0] if x.shape[1:3] == (1, 1) else x for x in outputs]


def evaluate(graph: Graph, images: Array) -> dict[str, Array]:
    """Run a batch and return every value by name, the input included.

    Returns:
        Arrays (N, H, W, C): uint8 for u8 and codes, float32 for f32.

    Raises:
        InputError, ModelFileError: as `run`.
    """
    infer_types(graph)
    if images.dtype != np.uint8 or images.shape[1:] != graph.input_shape:
        height, width, channels = graph.input_shape
        raise InputError(
            f'input "{graph.input_name}" is uint8 (N, {height}, {width}, {channels}),'
            f" found {images.dtype} {images.shape}"
        )
    values: dict[str, Array] = {graph.input_name: images}
    with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
        for node in graph.nodes:
            inputs = tuple(values[name] for name in node.inputs)
            values[node.name] = OPS[node.op].reference(node, inputs)
    return values
