"""`adaptive_avg_pool`: the sum of each cell, row by row, over the number of its positions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.pool.cells import KEYS, infer_cells, map_cells


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    return infer_cells(node, types, ("f32",))


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32 (N, out_h, out_w, C); see `Op`."""
    return map_cells(node, inputs[0], _mean)


def _mean(values: list[Array]) -> npt.NDArray[np.float32]:
    total = np.zeros(values[0].shape, np.float32)
    for value in values:
        total = total + np.asarray(value, np.float32)
    return total / np.float32(len(values))


ADAPTIVE_AVG_POOL = Op("adaptive_avg_pool", infer, reference, Facts(Family.OTHER), KEYS)
