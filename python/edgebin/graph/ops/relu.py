"""`relu`: x where x > 0, else +0 (so -0 and NaN become +0)."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import output_type, read_attributes, require_inputs, require_roles


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("f32",))
    require_roles(node, ())
    read_attributes(node, {})
    return output_type(node, "f32", types[0].shape)


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32 (N, H, W, C); see `Op`."""
    x = np.asarray(inputs[0], np.float32)
    return np.where(x > 0, x, np.float32(0))


RELU = Op("relu", infer, reference)
