"""Lowers concatenations, reshapes and calls that do nothing in evaluation mode.

A reshape that keeps the elements of each channel together, such as (N, C, H, W) to (N, C, H W),
gives the same activation: `Call.shape` tells what it really is.
"""

from __future__ import annotations

from edgebin.exporter.aten.call import Activation, Call, Shape, elements
from edgebin.exporter.dialect import FLATTEN_CHW


def cat(call: Call) -> Activation:
    """Lower torch.cat over channels."""
    rank = len(call.output_shape)
    if int(call.plain("dim")) % rank != 1:
        raise call.refuse(f"concatenation over dimension {call.plain('dim')}", "dim=1 (channels)")
    activations = call.activations("tensors")
    if len(activations) == 1:
        return activations[0]
    shapes = [shape for shape in map(call.shape, activations) if shape is not None]
    sides = {shape[1:] for shape in shapes}
    if len(sides) > 1:
        raise call.refuse("concatenation of flattened images of several sizes", "images as such")
    channels = sum(shape[0] for shape in shapes)
    result: Shape = (channels, *sides.pop()) if sides else (channels, 1, 1)
    return call.emit("concat", activations, shape=result)


def reshape(call: Call) -> Activation:
    """Lower flattening of all but the batch; a reshape that moves no element disappears."""
    activation = call.activation("self")
    held, after = call.shape(activation), call.output_shape
    if not activation.known or held is None:
        return call.unknown()
    rest = _without_batch(call, after)
    if rest is not None and _same_channels(held, rest):
        return activation
    if rest is not None and rest[0] == elements(held) and set(rest[1:]) <= {1}:
        return call.emit(
            FLATTEN_CHW,
            [activation],
            attributes={"height": held[1], "width": held[2], "channels": held[0]},
            shape=(elements(held), 1, 1),
        )
    before = call.input_shape("self")
    raise call.refuse(f"reshape from {before} to {after}", "torch.flatten(x, 1)")


def _without_batch(call: Call, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the shape of one image; None where the batch is not its first dimension."""
    if len(shape) > 1 and shape[0] == call.batch:
        return shape[1:]
    return shape if call.batch == 1 and len(shape) == 1 else None  # squeeze() of a vector


def _same_channels(held: Shape, rest: tuple[int, ...]) -> bool:
    """Return whether (C, ...) has the channels of (C, H, W), each with its pixels in order."""
    pixels = tuple(size for size in rest[1:] if size != 1)
    spatial = tuple(size for size in held[1:] if size != 1)
    return rest[0] == held[0] and pixels in (spatial, _joined(spatial))


def _joined(sizes: tuple[int, ...]) -> tuple[int, ...]:
    total = 1
    for size in sizes:
        total *= size
    return (total,) if total != 1 else ()


def select(call: Call) -> Activation:
    """Lower x[:, :, 0] of a dimension of one element, which drops the dimension."""
    shape = call.input_shape("self")
    dim = int(call.plain("dim")) % len(shape)
    if dim == 0 or shape[dim] != 1:
        raise call.refuse(f"an index into dimension {dim} of {shape}", "a pool or a layer")
    return reshape(call)


def slice_all(call: Call) -> Activation:
    """Lower a slice that takes everything to nothing."""
    before, after = call.input_shape("self"), call.output_shape
    if before != after:
        dim = int(call.plain("dim")) % len(before)
        kind = "channels" if dim == 1 else "rows or columns" if dim > 1 else "the batch"
        works = {
            "channels": "a layer with fewer output channels, or torch.nn.Conv2d(C, C2, 1)",
            "rows or columns": "torch.nn.MaxPool2d(1, stride) for every second pixel",
        }.get(kind, "the whole batch")
        raise call.refuse(f"a slice of {kind}", works)
    return call.activation("self")


def identity(call: Call) -> Activation:
    """Lower dropout in evaluation mode, contiguous and the like to nothing."""
    argument = "input" if call.has("input") else "self"
    if call.has("train") and call.plain("train"):
        raise call.refuse("dropout in training mode", "dropout that follows model.eval()")
    return call.activation(argument)


def cast(call: Call) -> Activation:
    """Lower x.float() of a float32 activation, and a move between devices, to nothing."""
    given = call.plain("dtype") if call.has("dtype") else None
    dtype = str(given).removeprefix("torch.")
    if given is not None and dtype != "float32":
        raise call.refuse(f"a cast to {dtype}", "float32 throughout")
    return call.activation("self")


def expand(call: Call) -> Activation:
    """Lower an expand that changes nothing."""
    x = call.activation("self")
    if x.known and call.input_shape("self") != call.output_shape:
        found = f"expand from {call.input_shape('self')} to {call.output_shape}"
        raise call.refuse(found, "two equal shapes")
    return x if x.known else call.unknown()
