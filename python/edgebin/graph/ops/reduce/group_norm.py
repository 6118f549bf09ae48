"""`group_norm`: mean and variance of each group of channels, over all positions.

With as many groups as channels it is an instance norm, with one group a layer norm over space and
channels.
"""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.reduce.eps import require_eps
from edgebin.graph.ops.reduce.moments import Reals, normalize
from edgebin.graph.ops.reduce.sums import add, over_space, sum_of_channels
from edgebin.graph.ops.signature import (
    MAX_DIMENSION,
    Key,
    output_type,
    read_attributes,
    refusal,
    require_inputs,
    require_reals,
    require_roles,
)

KEYS = {"groups": Key(1, MAX_DIMENSION)}


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("f32",))
    require_roles(node, ("scale", "bias", "eps"))
    groups = read_attributes(node, KEYS)["groups"]
    channels = types[0].shape[2]
    if channels % groups:
        reason = f"groups divide the channels, found {groups} and {channels}"
        raise refusal(node, "node.shape", reason)
    for role in ("scale", "bias"):
        require_reals(node, role, (channels,))
    require_eps(node)
    return output_type(node, "f32", types[0].shape)


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32 as the input; see `moments.normalize`."""
    x = np.asarray(inputs[0], np.float32)
    groups = read_attributes(node, KEYS)["groups"]
    width = x.shape[3] // groups

    def total(values: Reals) -> Reals:
        of_channels = over_space(values, 0.0, add, h=True, w=True)
        grouped = of_channels.reshape(*of_channels.shape[:3], groups, width)
        return np.repeat(sum_of_channels(grouped)[..., 0], width, axis=3)

    return normalize(node, x, x.shape[1] * x.shape[2] * width, total)


GROUP_NORM = Op("group_norm", infer, reference, Facts(Family.OTHER), KEYS, since=3)
