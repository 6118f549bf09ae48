"""Lowers calls that only move elements: views, permutations, slices, shuffles, in any chain.

A chain is followed on the numbers of the elements: `Activation.order` holds, for each element that
torch has, the number of the image's element that it is. Nothing is emitted until another call reads
the result; `orders.py` then says which operators make it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from edgebin.exporter.aten.call import Call
from edgebin.exporter.aten.captured import Activation
from edgebin.exporter.aten.tensor_shapes import Shape, channels_last_order, elements
from edgebin.exporter.dialect import FLATTEN_CHW


def move(call: Call) -> Activation | list[Activation]:
    """Lower a call that moves elements of its first argument, which gives one or more tensors."""
    name = "self" if call.has("self") else "input"
    x = call.unmoved(name)
    held = call.shape(x)
    if not x.known or held is None:
        return call.unknown()
    result = call.on_tensor(name, _numbered(call, x, held, call.input_shape(name)))
    if isinstance(result, Tensor):
        return _moved(call, name, x, held, result)
    assert isinstance(result, Sequence)
    return [_moved(call, name, x, held, part) for part in result]


def identity(call: Call) -> Activation:
    """Lower dropout in evaluation mode, contiguous and the like to nothing."""
    argument = "input" if call.has("input") else "self"
    if call.has("train") and call.plain("train"):
        raise call.refuse("dropout in training mode", "dropout that follows model.eval()")
    return call.unmoved(argument)


def cast(call: Call) -> Activation:
    """Lower x.float() of a float32 activation, and a move between devices, to nothing."""
    given = call.plain("dtype") if call.has("dtype") else None
    dtype = str(given).removeprefix("torch.")
    if given is not None and dtype != "float32":
        raise call.refuse(f"a cast to {dtype}", "float32 throughout")
    return call.unmoved("self")


def _numbered(call: Call, x: Activation, held: Shape, shape: tuple[int, ...]) -> Tensor:
    """Return float64 numbers of a batch's elements in torch's shape, image after image."""
    single = _without_batch(call, shape)
    if single is None:
        raise call.refuse(f"a tensor of shape {shape}", "images as the first dimension")
    size = elements(held)
    order = np.arange(size) if x.order is None else x.order
    batch = order.reshape(1, -1) + size * np.arange(call.batch).reshape(-1, 1)
    return torch.from_numpy(batch.astype(np.float64).reshape(shape))


def _moved(call: Call, name: str, x: Activation, held: Shape, result: Tensor) -> Activation:
    """Return the activation of one result."""
    shape = _without_batch(call, tuple(result.shape))
    numbers = result.numpy().astype(np.intp)
    size = elements(held)
    if shape is not None:
        images = numbers.reshape(call.batch, *shape)
        first = images[0]
        mixed = (images - images[:1]).reshape(call.batch, -1) != size * np.arange(call.batch)[
            :, None
        ]
        shape = None if mixed.any() or first.size == 0 or first.max() >= size else shape
    if shape is None:
        found = f"{call.operator} from {call.input_shape(name)} to {tuple(result.shape)}"
        raise call.refuse(found, "calls that keep each image of the batch by itself")
    in_order = first.size == size and np.array_equal(first.reshape(-1), np.arange(size))
    if in_order and _same_channels(held, shape):
        return Activation(x.value)
    if _is_vector(shape) and call.operator in _RESHAPES:
        return _flattened(call, name, x, held, first)
    return Activation(x.value, order=first, name=call.path)


_RESHAPES = ("flatten", "view", "reshape", "squeeze")


def _flattened(
    call: Call,
    name: str,
    x: Activation,
    held: Shape,
    numbers: np.ndarray[tuple[int, ...], np.dtype[np.intp]],
) -> Activation:
    """Flatten an image, channels outermost as torch has it, or innermost where they came last."""
    size = elements(held)
    if np.array_equal(numbers.reshape(-1), channels_last_order(held)):
        return call.emit("flatten", [replace(x, order=None)], shape=(size, 1, 1))
    image = call.activation(name)
    held_now = call.shape(image)
    if not image.known or held_now is None:
        return call.unknown()
    if held_now[1:] == (1, 1):
        return image
    attributes = {"height": held_now[1], "width": held_now[2], "channels": held_now[0]}
    return call.emit(FLATTEN_CHW, [image], attributes=attributes, shape=(numbers.size, 1, 1))


def _without_batch(call: Call, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the shape of one image; None where the batch is not its first dimension."""
    if len(shape) > 1 and shape[0] == call.batch:
        return shape[1:]
    return shape if call.batch == 1 and len(shape) == 1 else None  # squeeze() of a vector


def _is_vector(shape: tuple[int, ...]) -> bool:
    return set(shape[1:]) <= {1}


def _same_channels(held: Shape, rest: tuple[int, ...]) -> bool:
    """Return whether (C, ...) has the channels of (C, H, W), each with its pixels in order."""
    pixels = tuple(size for size in rest[1:] if size != 1)
    spatial = tuple(size for size in held[1:] if size != 1)
    joined = (math.prod(spatial),) if spatial else ()
    return rest[0] == held[0] and pixels in (spatial, joined)
