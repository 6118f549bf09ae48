"""`quantize`: f32 to codes by three thresholds per channel, after an optional change of sign."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, Node
from edgebin.graph.ops.elementwise.define import Constants, elementwise
from edgebin.graph.ops.signature import refusal, require_constant, require_thresholds


def compute(node: Node, x: Array) -> Array:
    """Return uint8 codes of float32."""
    if "sign" in node.constants:
        x = np.asarray(x, np.float32) * node.constants["sign"].astype(np.float32)
    return codes_above(x, node.constants["thresholds"])


def codes_above(values: Array, thresholds: Array) -> npt.NDArray[np.uint8]:
    """Return [v > t0] + [v > t1] + [v > t2] for values (..., C) and thresholds (C, 3)."""
    above = [np.greater(values, thresholds[:, j]).astype(np.uint8) for j in range(3)]
    return above[0] + above[1] + above[2]


def check(node: Node, channels: int) -> None:
    """Refuse thresholds that do not ascend, and signs that are neither +1 nor -1."""
    require_thresholds(node, ("f32",), channels)
    if "sign" in node.constants:
        sign = np.asarray(require_constant(node, "sign", ("s8",), (channels,)))
        odd = np.flatnonzero(np.abs(sign.astype(np.int32)) != 1)
        if odd.size:
            reason = f"sign is +1 or -1, found {sign[odd[0]]} in channel {odd[0]}"
            raise refusal(node, "constant.sign", reason)


QUANTIZE = elementwise(
    "quantize",
    compute,
    gives="code",
    constants=Constants(("thresholds",), ("sign",), check=check),
)
