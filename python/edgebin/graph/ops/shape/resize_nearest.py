"""`resize_nearest`: each pixel is the input's pixel at its place in the image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.shape.move import Attributes, Shape, move
from edgebin.graph.ops.signature import MAX_DIMENSION, Key

SIZE_KEYS = {key: Key(1, MAX_DIMENSION) for key in ("out_h", "out_w")}
KEYS = {**SIZE_KEYS, "exact": Key(0, 1, 0)}


def shape_of(_node: Node, attributes: Attributes, x: ValueType) -> Shape:
    """Return the output's shape."""
    return attributes["out_h"], attributes["out_w"], x.shape[2]


def positions(size: int, count: int, exact: int) -> npt.NDArray[np.int64]:
    """Return floor(i size / count), or floor((2 i + 1) size / (2 count)), for `count` i."""
    i = np.arange(count, dtype=np.int64)
    return (2 * i + 1) * size // (2 * count) if exact else i * size // count


def moved(attributes: Attributes, x: Array) -> Array:
    """Return x (N, H, W, C) as (N, out_h, out_w, C)."""
    rows = positions(x.shape[1], attributes["out_h"], attributes["exact"])
    columns = positions(x.shape[2], attributes["out_w"], attributes["exact"])
    return x[:, rows][:, :, columns]


RESIZE_NEAREST = move("resize_nearest", KEYS, shape_of, moved)
