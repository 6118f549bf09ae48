"""`slice`: rows, columns and channels at even steps."""

from __future__ import annotations

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import (
    MAX_DIMENSION,
    Key,
    output_type,
    read_attributes,
    require_inputs,
    require_roles,
)

AXES = ("h", "w", "c")


def ranges(node: Node, shape: tuple[int, ...]) -> tuple[range, range, range]:
    """Return the positions of height, width and channels that are taken of a `shape` (H, W, C)."""
    sizes = dict(zip(AXES, shape, strict=True))
    keys = {f"{axis}_begin": Key(0, size - 1, 0) for axis, size in sizes.items()}
    for axis, size in sizes.items():
        begin = node.attributes.get(f"{axis}_begin", 0)
        keys[f"{axis}_end"] = Key(begin + 1, size, size)
        keys[f"{axis}_step"] = Key(1, MAX_DIMENSION, 1)
    values = read_attributes(node, keys)
    h, w, c = (
        range(values[f"{axis}_begin"], values[f"{axis}_end"], values[f"{axis}_step"])
        for axis in AXES
    )
    return h, w, c


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("u8", "code", "f32"))
    require_roles(node, ())
    h, w, c = ranges(node, types[0].shape)
    return output_type(node, types[0].dtype, (len(h), len(w), len(c)))


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return the elements that are taken (N, H, W, C); see `Op`."""
    h, w, c = (
        slice(taken.start, taken.stop, taken.step) for taken in ranges(node, inputs[0].shape[1:])
    )
    return inputs[0][:, h, w, c]


KEYS = {
    f"{axis}_{part}": Key(0 if part == "begin" else 1, MAX_DIMENSION)
    for axis in AXES
    for part in ("begin", "end", "step")
}

SLICE = Op("slice", infer, reference, Facts(Family.REARRANGEMENT), KEYS, since=3)
