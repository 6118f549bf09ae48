"""Brings any dimension of a tensor to the channels, for operators that work along channels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgebin.exporter.aten.call import Call, Part
from edgebin.exporter.aten.captured import Activation
from edgebin.exporter.aten.tensor_shapes import folded, image_shape


def with_axis_first(call: Call, part: Part, dim: int) -> Activation:
    """Return an activation whose outermost channels are a dimension of a tensor.

    Args:
        call: that reads it.
        part: the tensor.
        dim: counted with the batch.
    """
    return call.lay_out(part.value, np.moveaxis(part.numbers, dim - 1, 0))


def with_axis_moved_back(
    call: Call, image: Activation, shape: tuple[int, ...], dim: int
) -> Activation:
    """Return what `with_axis_first` or an operator behind it gives, as torch has it.

    Args:
        call: that gives it.
        image: its outermost channels are the dimension `dim`.
        shape: that torch gives it, without the batch.
        dim: counted with the batch.
    """
    first = (shape[dim - 1], *shape[: dim - 1], *shape[dim:])
    numbers = np.arange(int(np.prod(shape)), dtype=np.intp).reshape(first)
    order = np.moveaxis(numbers, 0, dim - 1)
    same = image_shape((1, *shape)) or (folded((1, *shape)) if len(shape) == 2 else None)
    if dim == 1 and same == call.shape(image):
        return image
    return replace(image, order=order, name=call.path)
