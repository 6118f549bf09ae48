"""`quantize`: f32 to codes by three thresholds per channel, after an optional change of sign."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.epilogue import codes_above
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import (
    output_type,
    read_attributes,
    refusal,
    require_constant,
    require_inputs,
    require_roles,
    require_thresholds,
)


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("f32",))
    require_roles(node, ("thresholds",), ("sign",))
    read_attributes(node, {})
    shape = types[0].shape
    require_thresholds(node, ("f32",), shape[2])
    if "sign" in node.constants:
        sign = np.asarray(require_constant(node, "sign", ("s8",), (shape[2],)))
        odd = np.flatnonzero(np.abs(sign.astype(np.int32)) != 1)
        if odd.size:
            reason = f"sign is +1 or -1, found {sign[odd[0]]} in channel {odd[0]}"
            raise refusal(node, "constant.sign", reason)
    return output_type(node, "code", shape)


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return codes (N, H, W, C); see `Op`."""
    x = np.asarray(inputs[0], np.float32)
    if "sign" in node.constants:
        x = x * node.constants["sign"].astype(np.float32)
    return codes_above(x, node.constants["thresholds"])


QUANTIZE = Op("quantize", infer, reference)
