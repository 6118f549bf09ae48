"""`conv`: the sums of a window over the image, then the epilogue. Groups split the channels."""

from __future__ import annotations

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.conv.epilogue import infer_product, reference_product
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import (
    MAX_DIMENSION,
    MAX_KERNEL,
    Key,
    output_type,
    read_attributes,
    refusal,
)
from edgebin.graph.ops.window import DILATION_KEYS, PADDING_KEYS, STRIDE_KEYS, Window

KEYS = {**STRIDE_KEYS, **DILATION_KEYS, **PADDING_KEYS, "groups": Key(1, MAX_DIMENSION, 1)}


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    dtype, (filters, kernel_h, kernel_w, depth) = infer_product(node, types, (0, 0, 0, 0))
    attributes = read_attributes(node, KEYS)
    (x,) = types
    groups, channels = attributes["groups"], x.shape[2]
    if channels != depth * groups:
        found = f"{depth} channels" + (f" in each of {groups} groups" if groups > 1 else "")
        raise refusal(node, "conv.channels", f"weights have {found}, input has {channels}")
    if filters % groups:
        reason = f"groups divide the output channels, found {groups} and {filters}"
        raise refusal(node, "conv.groups", reason)
    if max(kernel_h, kernel_w) > MAX_KERNEL:
        reason = f"kernel is 1 to {MAX_KERNEL}, found {kernel_h}x{kernel_w}"
        raise refusal(node, "window.kernel", reason)
    height, width = Window.of((kernel_h, kernel_w), attributes).checked_output(node, x)
    return output_type(node, dtype, (height, width, filters))


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return codes or f32, (N, output height, output width, filters); see `Op`."""
    (x,) = inputs
    weights = node.constants["weights"]
    attributes = read_attributes(node, KEYS)
    window = Window.of((weights.shape[1], weights.shape[2]), attributes)
    return reference_product(node, x, weights, window, attributes["groups"])


def macs(node: Node, types: tuple[ValueType, ...]) -> int:
    """Return one multiply-accumulate per output element and weight of its row, padding included."""
    weights = node.constants["weights"]
    return infer(node, types).elements * int(weights[0].size)


CONV = Op("conv", infer, reference, Facts(Family.PRODUCT), KEYS, macs=macs)
