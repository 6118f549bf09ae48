"""`dequantize`: codes to f32, code x step."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node
from edgebin.graph.ops.elementwise.define import Constants, elementwise
from edgebin.graph.ops.signature import require_reals


def compute(node: Node, codes: Array) -> Array:
    """Return float32 of uint8 codes."""
    return codes.astype(np.float32) * np.asarray(node.constants["step"], np.float32)


def check(node: Node, channels: int) -> None:
    """Refuse more than one step."""
    require_reals(node, "step", (1,))


DEQUANTIZE = elementwise(
    "dequantize",
    compute,
    takes=(("code",),),
    constants=Constants(("step",), check=check, per_channel=False),
)
