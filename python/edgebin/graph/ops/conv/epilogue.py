"""The epilogue of `conv` and `linear`: sums become codes by thresholds, or f32 by scale and bias.

It also checks the constants of both operators: which weights fit which input, and which epilogue
fits both.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, DType, Node, ValueType
from edgebin.graph.ops.conv.product import border_sums, float_product, integer_product
from edgebin.graph.ops.elementwise.quantize import codes_above
from edgebin.graph.ops.signature import (
    refusal,
    require_constant,
    require_finite,
    require_inputs,
    require_reals,
    require_roles,
    require_thresholds,
)
from edgebin.graph.ops.window import Window

ACCEPTED_WEIGHTS: dict[DType, tuple[str, ...]] = {
    "code": ("bit", "s8"),
    "u8": ("s8", "bit"),
    "f32": ("f32", "s8", "bit"),
}
MAX_ROW = 2**22
MAX_ROW_U8 = 2**16
MAX_ZERO = 2**24


def infer_product(
    node: Node, types: tuple[ValueType, ...], shape: tuple[int, ...]
) -> tuple[DType, tuple[int, ...]]:
    """Check input, weights and epilogue; return the output's element type and the weights' shape.

    Args:
        node: a `conv` or `linear`.
        types: of its inputs.
        shape: the shape of the weights, 0 for any size.
    """
    require_inputs(node, types, ("code", "u8", "f32"))
    (x,) = types
    if "weights" not in node.constants:
        raise refusal(node, "node.constant", 'needs a constant "weights", has none')
    weights = require_constant(node, "weights", ACCEPTED_WEIGHTS[x.dtype], shape)
    row = weights.size // weights.shape[0]
    longest = MAX_ROW_U8 if x.dtype == "u8" else MAX_ROW
    if row > longest:
        reason = f"rows of weights have at most {longest} elements, found {row}"
        raise refusal(node, "constant.row", reason)
    if weights.dtype == np.float32:
        require_finite(node, "weights", weights)
    return _infer_epilogue(node, x, weights), weights.shape


def _infer_epilogue(node: Node, x: ValueType, weights: Array) -> DType:
    channels = weights.shape[0]
    if "thresholds" in node.constants and x.dtype == "code" and weights.dtype == np.bool_:
        require_roles(node, ("weights", "thresholds"))
        require_thresholds(node, ("i16", "i32"), channels)
        return "code"
    required, optional = ["weights"], ["bias"]
    (optional if weights.dtype == np.float32 else required).append("scale")
    if x.dtype == "u8":
        required.append("zero")
    require_roles(node, tuple(required), tuple(optional))
    for role in ("scale", "bias"):
        if role in node.constants:
            require_reals(node, role, (channels,))
    if x.dtype == "u8":
        zero = np.asarray(require_constant(node, "zero", ("i32",), (x.shape[2],)))
        if zero.min() < 0 or zero.max() > MAX_ZERO:
            reason = f"zero is 0 to {MAX_ZERO}, found {zero.min()} to {zero.max()}"
            raise refusal(node, "constant.zero", reason)
    return "f32"


def reference_product(
    node: Node, x: Array, weights: Array, window: Window, groups: int
) -> npt.NDArray[np.generic]:
    """Return the node's output, uint8 codes or float32, (P, output height, output width, N).

    Args:
        node: a `conv` or `linear` that `infer` accepts.
        x: uint8 or float32 (P, H, W, C).
        weights: (N, kh, kw, C / groups); the node's own, or seen as a window's.
        window: geometry of the convolution, of the weights' height and width.
        groups: divides C and N.
    """
    channels = weights.shape[0]
    if x.dtype == np.float32:
        acc: Array = float_product(x, weights, window, groups)
    else:
        acc = integer_product(x, weights, window, groups)
    if "thresholds" in node.constants:
        return codes_above(acc, node.constants["thresholds"])
    scale = np.asarray(node.constants.get("scale", np.ones(channels)), np.float32)
    bias = np.asarray(node.constants.get("bias", np.zeros(channels)), np.float32)
    if "zero" in node.constants:
        size = (x.shape[1], x.shape[2])
        corr = border_sums(node.constants["zero"], weights, window, groups, size)
        bias = _border_bias(corr, scale, bias)
    return acc.astype(np.float32) * scale + bias


def _border_bias(
    corr: npt.NDArray[np.int64], scale: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    shift = scale.astype(np.float64) * (corr.astype(np.float64) / 65536.0)
    return (bias.astype(np.float64) - shift).astype(np.float32)
