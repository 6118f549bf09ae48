"""What the reductions over chosen axes share: attributes, type inference and order.

Each of `over_h`, `over_w` and `over_c` that is 1 becomes a dimension of one element.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.reduce.sums import Combine, over_channels, over_space
from edgebin.graph.ops.signature import (
    Key,
    output_type,
    read_attributes,
    refusal,
    require_inputs,
    require_roles,
)

KEYS = {"over_h": Key(0, 1, 0), "over_w": Key(0, 1, 0), "over_c": Key(0, 1, 0)}


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("f32",))
    require_roles(node, ())
    attributes = read_attributes(node, KEYS)
    if not any(attributes.values()):
        reason = "one of over_h, over_w and over_c is expected to be 1, found none"
        raise refusal(node, "attribute.range", reason)
    height, width, channels = types[0].shape
    reduced = (
        1 if attributes["over_h"] else height,
        1 if attributes["over_w"] else width,
        1 if attributes["over_c"] else channels,
    )
    return output_type(node, "f32", reduced)


def reduce(
    node: Node, x: Array, start: float, combine: Combine[np.float32]
) -> npt.NDArray[np.float32]:
    """Return float32 (N, H or 1, W or 1, C or 1): space first, then channels."""
    attributes = read_attributes(node, KEYS)
    y = np.asarray(x, np.float32)
    h, w = bool(attributes["over_h"]), bool(attributes["over_w"])
    if h or w:
        y = over_space(y, start, combine, h=h, w=w)
    if attributes["over_c"]:
        y = over_channels(y, start, combine)
    return y


def reduced_count(node: Node, x: Array) -> int:
    """Return how many elements of x (N, H, W, C) one element of the output is made of."""
    attributes = read_attributes(node, KEYS)
    sizes = zip(attributes.values(), x.shape[1:], strict=True)
    return int(np.prod([size for over, size in sizes if over]))
