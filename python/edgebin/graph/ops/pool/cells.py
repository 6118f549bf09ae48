"""The cells of the adaptive pools: output row i covers rows floor(i H / h) to ceil((i + 1) H / h).

The same holds for columns. Cells overlap, and differ in size, where h does not divide H.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, DType, Node, ValueType
from edgebin.graph.ops.signature import (
    MAX_DIMENSION,
    Key,
    output_type,
    read_attributes,
    require_inputs,
    require_roles,
)

KEYS = {"out_h": Key(1, MAX_DIMENSION), "out_w": Key(1, MAX_DIMENSION)}


def infer_cells(node: Node, types: tuple[ValueType, ...], accepted: tuple[DType, ...]) -> ValueType:
    """Return the type of an adaptive pool that takes one input of an accepted type."""
    require_inputs(node, types, accepted)
    require_roles(node, ())
    attributes = read_attributes(node, KEYS)
    (x,) = types
    return output_type(node, x.dtype, (attributes["out_h"], attributes["out_w"], x.shape[2]))


def map_cells(
    node: Node, x: Array, pool: Callable[[list[Array]], npt.NDArray[np.generic]]
) -> npt.NDArray[np.generic]:
    """Return (N, out_h, out_w, C), each position `pool` of its cell.

    Args:
        node: an adaptive pool that `infer_cells` accepts.
        x: (N, H, W, C).
        pool: a cell's positions, row by row, each (N, C), to one (N, C).
    """
    attributes = read_attributes(node, KEYS)
    rows = _spans(x.shape[1], attributes["out_h"])
    columns = _spans(x.shape[2], attributes["out_w"])
    cells = [pool([x[:, y, z] for y in row for z in column]) for row in rows for column in columns]
    return np.stack(cells, axis=1).reshape(x.shape[0], len(rows), len(columns), x.shape[3])


def _spans(size: int, parts: int) -> list[range]:
    return [range(i * size // parts, -(-(i + 1) * size // parts)) for i in range(parts)]
