"""`affine`: value x scale + bias per channel, product and sum each rounded to f32."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import (
    output_type,
    read_attributes,
    require_inputs,
    require_reals,
    require_roles,
)


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("u8", "f32"))
    require_roles(node, ("scale", "bias"))
    for role in ("scale", "bias"):
        require_reals(node, role, (types[0].shape[2],))
    read_attributes(node, {})
    return output_type(node, "f32", types[0].shape)


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32 (N, H, W, C); see `Op`."""
    scale = np.asarray(node.constants["scale"], np.float32)
    return inputs[0].astype(np.float32) * scale + np.asarray(node.constants["bias"], np.float32)


AFFINE = Op("affine", infer, reference)
