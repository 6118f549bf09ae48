"""Attributes of operators that move elements, drawn at random for values of any shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from edgebin.graph.ir import Array

Shape = tuple[int, int, int]
Attributes = dict[str, int]
Random = np.random.Generator


def upto(rng: Random, last: int, first: int = 0) -> int:
    """Return a number from first to last."""
    return int(rng.integers(first, last + 1))


def divisor(rng: Random, *sizes: int, most: int = 300) -> int:
    """Return a common divisor of the sizes, at most `most`."""
    largest = min(most, *sizes)
    common = [d for d in range(1, largest + 1) if all(size % d == 0 for size in sizes)]
    return common[upto(rng, len(common) - 1)]


def slice_of(rng: Random, shape: Shape) -> Attributes:
    """Return the attributes of a slice; some are left out."""
    attributes: Attributes = {}
    for axis, size in zip("hwc", shape, strict=True):
        begin = upto(rng, size - 1)
        drawn = {"begin": begin, "end": upto(rng, size, begin + 1), "step": upto(rng, 4, 1)}
        if rng.random() < 0.5:
            drawn["step"] = 1
        attributes |= {f"{axis}_{part}": n for part, n in drawn.items() if rng.random() < 0.7}
        if f"{axis}_begin" not in attributes:
            attributes.pop(f"{axis}_end", None)
    return attributes


def pad_of(rng: Random, shape: Shape) -> Attributes:
    """Return the attributes of a pad of any mode, at most 5 on a side."""
    mode = upto(rng, 3)
    attributes = {"mode": mode}
    for sides, size in (
        (("pad_top", "pad_bottom"), shape[0]),
        (("pad_left", "pad_right"), shape[1]),
    ):
        most = min(5, {1: size - 1, 3: size}.get(mode, 5))
        attributes |= {side: upto(rng, most) for side in sides}
    return attributes


def reshape_of(rng: Random, shape: Shape) -> Attributes:
    """Return the attributes of a reshape."""
    elements = shape[0] * shape[1] * shape[2]
    channels = divisor(rng, elements)
    width = divisor(rng, elements // channels)
    return {"out_h": elements // channels // width, "out_w": width, "out_c": channels}


def transpose_of(rng: Random, _shape: Shape) -> Attributes:
    """Return the attributes of a transpose."""
    return {f"axis_{i}": int(axis) for i, axis in enumerate(rng.permutation(3))}


def resize_of(rng: Random, _shape: Shape, flag: str) -> Attributes:
    """Return the attributes of a resize to at most 12 x 12."""
    return {"out_h": upto(rng, 12, 1), "out_w": upto(rng, 12, 1), flag: upto(rng, 1)}


def block_of(rng: Random, shape: Shape) -> Attributes:
    """Return the attributes of a depth_to_space."""
    blocks = [b for b in range(1, 5) if shape[2] % b**2 == 0]
    return {"block": blocks[upto(rng, len(blocks) - 1)]}


MOVES: Mapping[str, Callable[[Random, Shape], Attributes]] = {
    "slice": slice_of,
    "pad": pad_of,
    "reshape": reshape_of,
    "transpose": transpose_of,
    "take_channels": lambda rng, shape: {},
    "depth_to_space": block_of,
    "space_to_depth": lambda rng, shape: {"block": divisor(rng, *shape[:2], most=4)},
    "resize_nearest": lambda rng, shape: resize_of(rng, shape, "exact"),
    "resize_bilinear": lambda rng, shape: resize_of(rng, shape, "align_corners"),
}
"""Operator -> (generator, shape of the input) -> attributes."""


def constants_of(op: str, rng: Random, shape: Shape, kind: str, mode: int = 0) -> dict[str, Array]:
    """Return the constants of such an operator, of an input of that type."""
    if op == "take_channels":
        count = upto(rng, shape[2] + 3, 1)
        channels = rng.integers(0, shape[2], count).astype(np.int32)
        return {"channels": channels}
    if op == "pad" and kind == "f32" and mode == 0 and rng.random() < 0.5:
        return {"value": rng.choice(np.array([-np.inf, -0.0, 3.5], np.float32), 1)}
    return {}
