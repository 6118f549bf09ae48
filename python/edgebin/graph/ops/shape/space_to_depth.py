"""`space_to_depth`: a block of pixels becomes the channels of one."""

from __future__ import annotations

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.shape.blocks import KEYS
from edgebin.graph.ops.shape.move import Attributes, Shape, move
from edgebin.graph.ops.signature import refusal


def shape_of(node: Node, attributes: Attributes, x: ValueType) -> Shape:
    """Return the output's shape; refuse an image that is no whole number of blocks."""
    block = attributes["block"]
    height, width, channels = x.shape
    if height % block != 0 or width % block != 0:
        reason = f"takes multiples of {block} as height and width, found {x}"
        raise refusal(node, "node.shape", reason)
    return height // block, width // block, channels * block**2


def moved(attributes: Attributes, x: Array) -> Array:
    """Return output (N, h, w, (c b + i) b + j) = x (N, h b + i, w b + j, c)."""
    block = attributes["block"]
    count, height, width, channels = x.shape
    parts = x.reshape(count, height // block, block, width // block, block, channels)
    deep = parts.transpose(0, 1, 3, 5, 2, 4)
    return deep.reshape(count, height // block, width // block, channels * block**2)


SPACE_TO_DEPTH = move("space_to_depth", KEYS, shape_of, moved)
