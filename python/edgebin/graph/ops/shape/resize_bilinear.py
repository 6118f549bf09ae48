"""`resize_bilinear`: a mean of the four nearest pixels, first of two rows, then of two columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.shape.resize_nearest import SIZE_KEYS
from edgebin.graph.ops.signature import (
    Key,
    output_type,
    read_attributes,
    require_inputs,
    require_roles,
)

KEYS = {**SIZE_KEYS, "align_corners": Key(0, 1, 0)}


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("f32",))
    require_roles(node, ())
    attributes = read_attributes(node, KEYS)
    shape = attributes["out_h"], attributes["out_w"], types[0].shape[2]
    return output_type(node, "f32", shape)


def blend(x: Array, axis: int, count: int, align_corners: int) -> npt.NDArray[np.float32]:
    """Return float32 x with `count` positions along `axis`, each a mean of two of x."""
    size = x.shape[axis]
    i = np.arange(count, dtype=np.int64)
    if align_corners:
        numerator, divisor = i * (size - 1), max(1, count - 1)
        numerator = numerator if count > 1 else np.zeros_like(i)
    else:
        numerator, divisor = np.maximum((2 * i + 1) * size - count, 0), 2 * count
    low = numerator // divisor
    high = np.minimum(low + 1, size - 1)
    weight = (numerator % divisor).astype(np.float32) / np.float32(divisor)
    shape = [1] * x.ndim
    shape[axis] = count
    high_weight = weight.reshape(shape)
    low_weight = np.float32(1) - high_weight
    reals = np.asarray(x, np.float32)
    blended: npt.NDArray[np.float32] = reals.take(low, axis) * low_weight
    blended += reals.take(high, axis) * high_weight
    return blended


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32 (N, out_h, out_w, C); see `Op`."""
    attributes = read_attributes(node, KEYS)
    rows = blend(inputs[0], 1, attributes["out_h"], attributes["align_corners"])
    return blend(rows, 2, attributes["out_w"], attributes["align_corners"])


RESIZE_BILINEAR = Op("resize_bilinear", infer, reference, Facts(Family.OTHER), KEYS, since=3)
