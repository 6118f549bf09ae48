"""`pad`: rows and columns around the image: zeros or a constant, or pixels of the image."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import (
    Key,
    output_type,
    read_attributes,
    refusal,
    require_constant,
    require_inputs,
    require_roles,
)
from edgebin.graph.ops.window import PADDING_KEYS

MODES = ("constant", "reflect", "replicate", "circular")
"""The names of the modes in FORMAT.md and in PyTorch, by the attribute's value."""

_IN_NUMPY = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
CONSTANT, REFLECT, REPLICATE, CIRCULAR = range(4)
KEYS = {**PADDING_KEYS, "mode": Key(0, len(MODES) - 1, CONSTANT)}


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("u8", "code", "f32"))
    attributes = read_attributes(node, KEYS)
    (x,) = types
    takes_value = x.dtype == "f32" and attributes["mode"] == CONSTANT
    require_roles(node, (), ("value",) if takes_value else ())
    if "value" in node.constants and np.isnan(require_constant(node, "value", ("f32",), (1,))[0]):
        raise refusal(node, "constant.finite", "value is a number, found NaN")
    height, width, channels = x.shape
    rows = _padded(node, attributes, ("pad_top", "pad_bottom"), height)
    columns = _padded(node, attributes, ("pad_left", "pad_right"), width)
    return output_type(node, x.dtype, (rows, columns, channels))


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return the padded images (N, H, W, C); see `Op`."""
    attributes = read_attributes(node, KEYS)
    rows = attributes["pad_top"], attributes["pad_bottom"]
    columns = attributes["pad_left"], attributes["pad_right"]
    pads = ((0, 0), rows, columns, (0, 0))
    if attributes["mode"] != CONSTANT:
        mode = _IN_NUMPY[MODES[attributes["mode"]]]
        return np.pad(inputs[0], pads, mode)  # type: ignore[call-overload,no-any-return]
    return np.pad(inputs[0], pads, constant_values=pad_value(node))


def pad_value(node: Node) -> float:
    """Return what a constant padding consists of."""
    return float(node.constants["value"][0]) if "value" in node.constants else 0.0


def _padded(node: Node, attributes: dict[str, int], sides: tuple[str, str], size: int) -> int:
    """Return the padded size. The image is reflected or repeated once on each side, not again."""
    mode = attributes["mode"]
    limits = {REFLECT: size - 1, CIRCULAR: size}
    for side in sides:
        if attributes[side] > limits.get(mode, attributes[side]):
            found = f"found {attributes[side]} beside {size} positions"
            reason = f"{side} of mode {mode} is at most {limits[mode]}, {found}"
            raise refusal(node, "node.shape", reason)
    return size + sum(attributes[side] for side in sides)


PAD = Op("pad", infer, reference, Facts(Family.REARRANGEMENT), KEYS, since=3)
