"""`linear`: a matrix product over the channels of one position, then the epilogue of `conv`."""

from __future__ import annotations

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.conv.epilogue import infer_product, reference_product
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import output_type, read_attributes, refusal
from edgebin.graph.ops.window import Window


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    dtype, (filters, depth) = infer_product(node, types, (0, 0))
    read_attributes(node, {})
    height, width, channels = types[0].shape
    if (height, width) != (1, 1):
        raise refusal(node, "node.shape", f"input is 1x1 positions, found {height}x{width}")
    if depth != channels:
        raise refusal(node, "conv.channels", f"weights have {depth} channels, input has {channels}")
    return output_type(node, dtype, (1, 1, filters))


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return codes or f32, (N, 1, 1, filters); see `Op`."""
    (x,) = inputs
    weights = node.constants["weights"]
    as_window = weights.reshape(weights.shape[0], 1, 1, weights.shape[1])
    return reference_product(node, x, as_window, Window((1, 1)), groups=1)


def macs(node: Node, types: tuple[ValueType, ...]) -> int:
    """Return one multiply-accumulate per weight."""
    return node.constants["weights"].size


LINEAR = Op("linear", infer, reference, Facts(Family.PRODUCT), macs=macs)
