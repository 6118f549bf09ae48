"""`affine`: value x scale + bias per channel, product and sum each rounded to f32."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node
from edgebin.graph.ops.elementwise.define import Constants, elementwise


def compute(node: Node, x: Array) -> Array:
    """Return float32 of x, uint8 pixels or float32."""
    scale = np.asarray(node.constants["scale"], np.float32)
    return x.astype(np.float32) * scale + np.asarray(node.constants["bias"], np.float32)


AFFINE = elementwise(
    "affine", compute, takes=(("u8", "f32"),), constants=Constants(("scale", "bias"))
)
