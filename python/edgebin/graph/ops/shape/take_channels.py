"""`take_channels`: the channels that a constant lists, in any order, each as often as it likes."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import (
    output_type,
    read_attributes,
    refusal,
    require_constant,
    require_inputs,
    require_roles,
)


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("u8", "code", "f32"))
    require_roles(node, ("channels",))
    read_attributes(node, {})
    height, width, channels = types[0].shape
    listed = np.asarray(require_constant(node, "channels", ("i32",), (0,)), np.int64)
    outside = np.flatnonzero((listed < 0) | (listed >= channels))
    if outside.size:
        found = f"found {listed[outside[0]]} at {outside[0]}"
        raise refusal(node, "constant.channels", f"channels are 0 to {channels - 1}, {found}")
    return output_type(node, types[0].dtype, (height, width, len(listed)))


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return the listed channels (N, H, W, C'); see `Op`."""
    return inputs[0][..., np.asarray(node.constants["channels"], np.intp)]


TAKE_CHANNELS = Op("take_channels", infer, reference, Facts(Family.REARRANGEMENT), since=3)
