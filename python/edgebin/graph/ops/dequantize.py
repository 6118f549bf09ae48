"""`dequantize`: codes to f32, code x step."""

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
    require_inputs(node, types, ("code",))
    require_roles(node, ("step",))
    require_reals(node, "step", (1,))
    read_attributes(node, {})
    return output_type(node, "f32", types[0].shape)


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32 (N, H, W, C); see `Op`."""
    return inputs[0].astype(np.float32) * np.asarray(node.constants["step"], np.float32)


DEQUANTIZE = Op("dequantize", infer, reference)
