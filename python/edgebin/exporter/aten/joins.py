"""Lowers torch.cat and torch.stack, over any dimension but that of the batch."""

from __future__ import annotations

import numpy as np

from edgebin.exporter.aten.axes import with_axis_first, with_axis_moved_back
from edgebin.exporter.aten.call import Call, Part
from edgebin.exporter.aten.captured import Activation
from edgebin.exporter.aten.tensor_shapes import Shape


def cat(call: Call) -> Activation:
    """Lower torch.cat: of channels to `concat`, of others to one between transposes."""
    dim = _dimension(call, len(call.output_shape), "concatenation")
    parts = call.parts("tensors")
    if len(parts) == 1:
        return parts[0].value
    sides = {shape[1:] for shape in (call.shape(part.value) for part in parts) if shape is not None}
    moved = any(part.value.order is not None for part in parts)
    if dim == 1 and (len(sides) == 1 or not _all_known(parts)) and not moved:
        return _of_channels(call, [part.value for part in parts])
    return _joined(call, parts, dim)


def stack(call: Call) -> Activation:
    """Lower torch.stack: a concatenation of tensors with one more dimension."""
    dim = _dimension(call, len(call.output_shape), "a stack")
    parts = call.parts("tensors")
    added = [Part(part.value, np.expand_dims(part.numbers, dim - 1)) for part in parts]
    return _joined(call, added, dim)


def _dimension(call: Call, rank: int, word: str) -> int:
    given = int(call.plain("dim"))
    if given % rank == 0:
        raise call.refuse(f"{word} over dimension {given}, the batch", "another dimension")
    return given % rank


def _joined(call: Call, parts: list[Part], dim: int) -> Activation:
    if not _all_known(parts):
        return call.unknown()
    laid = [with_axis_first(call, part, dim) for part in parts]
    joined = laid[0] if len(laid) == 1 else _of_channels(call, laid)
    shape = list(parts[0].numbers.shape)
    shape[dim - 1] = sum(part.numbers.shape[dim - 1] for part in parts)
    return with_axis_moved_back(call, joined, tuple(shape), dim)


def _all_known(parts: list[Part]) -> bool:
    return all(part.value.known and part.numbers.size for part in parts)


def _of_channels(call: Call, images: list[Activation]) -> Activation:
    shapes = [shape for shape in map(call.shape, images) if shape is not None]
    channels = sum(shape[0] for shape in shapes)
    result: Shape = (channels, *shapes[0][1:]) if shapes else (channels, 1, 1)
    return call.emit("concat", images, shape=result)
