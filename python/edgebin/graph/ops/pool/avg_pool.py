"""`avg_pool`: the sum of each window, row by row, over the number of its positions.

`include_pad` 1 divides by the whole window, 0 by the positions that lie inside the image.
"""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import (
    Key,
    output_type,
    read_attributes,
    require_inputs,
    require_roles,
)
from edgebin.graph.ops.window import KERNEL_KEYS, PADDING_KEYS, STRIDE_KEYS, pool_window

KEYS = {**KERNEL_KEYS, **STRIDE_KEYS, **PADDING_KEYS, "include_pad": Key(0, 1, 0)}


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("f32",))
    require_roles(node, ())
    (x,) = types
    window = pool_window(node, read_attributes(node, KEYS))
    return output_type(node, "f32", (*window.checked_output(node, x), x.shape[2]))


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32 (N, output height, output width, C); see `Op`.

    Padding enters the sum as +0, which changes no sum that starts at +0. Counts are at most 2^24,
    so f32 holds them exactly.
    """
    x = np.asarray(inputs[0], np.float32)
    attributes = read_attributes(node, KEYS)
    window = pool_window(node, attributes)
    height, width = window.output(x.shape[1], x.shape[2])
    total = np.zeros((x.shape[0], height, width, x.shape[3]), np.float32)
    inside = np.zeros((1, height, width, 1), np.float32)
    for _, _, seen in window.taps(x, 0):
        total = total + seen
    for _, _, seen in window.taps(np.ones((1, *x.shape[1:3], 1), np.float32), 0):
        inside = inside + seen
    if attributes["include_pad"]:
        return total / np.float32(window.kernel[0] * window.kernel[1])
    return total / inside


AVG_POOL = Op("avg_pool", infer, reference, Facts(Family.OTHER), KEYS)
