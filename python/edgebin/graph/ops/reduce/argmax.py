"""`argmax`: the channel of the first of the largest values of each pixel, as f32.

NaN is never larger; a pixel without a value above -inf gives 0.
"""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import output_type, read_attributes, require_inputs, require_roles


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("f32",))
    require_roles(node, ())
    read_attributes(node, {})
    height, width, _ = types[0].shape
    return output_type(node, "f32", (height, width, 1))


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32 (N, H, W, 1), whole numbers below 2^24; see `Op`."""
    x = np.asarray(inputs[0], np.float32)
    without_nan = np.where(np.isnan(x), np.float32(-np.inf), x)
    return np.asarray(np.argmax(without_nan, axis=3)[..., None], np.float32)


ARGMAX = Op("argmax", infer, reference, Facts(Family.OTHER), since=3)
