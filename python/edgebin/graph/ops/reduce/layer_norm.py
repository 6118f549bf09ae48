"""`layer_norm`: mean and variance of each pixel over its channels."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.reduce.eps import require_eps
from edgebin.graph.ops.reduce.moments import normalize
from edgebin.graph.ops.reduce.sums import sum_of_channels
from edgebin.graph.ops.signature import (
    output_type,
    read_attributes,
    require_inputs,
    require_reals,
    require_roles,
)


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("f32",))
    require_roles(node, ("scale", "bias", "eps"))
    read_attributes(node, {})
    for role in ("scale", "bias"):
        require_reals(node, role, (types[0].shape[2],))
    require_eps(node)
    return output_type(node, "f32", types[0].shape)


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32 as the input; see `moments.normalize`."""
    x = np.asarray(inputs[0], np.float32)
    return normalize(node, x, x.shape[3], sum_of_channels)


LAYER_NORM = Op("layer_norm", infer, reference, Facts(Family.OTHER), since=3)
