"""The oracle: runs a graph in numpy, operator by operator, exactly as FORMAT.md says.

The C++ runtime and every pass of the export must agree with it bit for bit. It is written to be
read; `edgebin.Model` runs networks fast.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from edgebin.errors import InputError
from edgebin.graph.ir import INPUT_DTYPES, Array, Graph, GraphInput
from edgebin.graph.ops import OPS, infer_types


def run(graph: Graph, inputs: Array | Mapping[str, Array]) -> list[npt.NDArray[np.float32]]:
    """Run a batch and return the graph's outputs, as `edgebin.Model.run` does.

    Args:
        graph: of the operators of FORMAT.md.
        inputs: an array (N, H, W, C) for each input by name, uint8, int8 or float32; or the array
            of the only one.

    Returns:
        One float32 array per output: (N, C) where the output has one position, else (N, H, W, C).

    Raises:
        InputError: `inputs` are no batch of the types and shapes of the graph's inputs.
        ModelFileError: the graph is not one that FORMAT.md allows.
    """
    values = evaluate(graph, inputs)
    outputs = [np.asarray(values[name], np.float32) for name in graph.outputs]
    return [x[:, 0, 0] if x.shape[1:3] == (1, 1) else x for x in outputs]


def evaluate(graph: Graph, inputs: Array | Mapping[str, Array]) -> dict[str, Array]:
    """Run a batch and return every value by name, the inputs included.

    Returns:
        Arrays (N, H, W, C): uint8 for u8 and codes, float32 for f32.

    Raises:
        InputError, ModelFileError: as `run`.
    """
    infer_types(graph)
    given = inputs if isinstance(inputs, Mapping) else {graph.input_name: inputs}
    values = {x.name: x.as_value(_checked(x, given.get(x.name))) for x in graph.inputs}
    with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
        for node in graph.nodes:
            read = tuple(values[name] for name in node.inputs)
            values[node.name] = OPS[node.op].reference(node, read)
    return values


def _checked(given: GraphInput, array: Array | None) -> Array:
    dtype = INPUT_DTYPES[given.dtype]
    if array is None or array.dtype != dtype or array.shape[1:] != given.shape:
        found = "nothing" if array is None else f"{array.dtype} {array.shape}"
        shape = ", ".join(map(str, given.shape))
        raise InputError(f'input "{given.name}" is {dtype} (N, {shape}), found {found}')
    return array
