"""Lowers additions, concatenations, reshapes and calls that do nothing in evaluation mode."""

from __future__ import annotations

from edgebin.exporter.aten.call import Activation, Call
from edgebin.exporter.dialect import FLATTEN_CHW


def add(call: Call) -> Activation:
    """Lower a + b of two activations of one shape."""
    if call.plain("alpha") != 1:
        raise call.refuse(f"add with alpha={call.plain('alpha')}", "alpha=1")
    left, right = call.activation("self"), call.activation("other")
    shapes = call.input_shape("self"), call.input_shape("other")
    if shapes[0] != shapes[1]:
        raise call.refuse(f"add of shapes {shapes[0]} and {shapes[1]}", "two equal shapes")
    return call.emit("add", [left, right])


def cat(call: Call) -> Activation:
    """Lower torch.cat over channels."""
    rank = len(call.output_shape)
    if int(call.plain("dim")) % rank != 1:
        raise call.refuse(f"concatenation over dimension {call.plain('dim')}", "dim=1 (channels)")
    activations = call.activations("tensors")
    return activations[0] if len(activations) == 1 else call.emit("concat", activations)


def reshape(call: Call) -> Activation:
    """Lower flattening of all but the batch; a reshape that moves no element disappears."""
    before, after = call.input_shape("self"), call.output_shape
    activation = call.activation("self")
    if before == after or _vector(before) == _vector(after) is not None:
        return activation
    if len(before) == 4 and len(after) == 2 and before[0] == after[0]:
        return call.emit(
            FLATTEN_CHW,
            [activation],
            attributes={"height": before[2], "width": before[3], "channels": before[1]},
        )
    raise call.refuse(f"reshape from {before} to {after}", "torch.flatten(x, 1)")


def _vector(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return (N, K) if the shape is (N, K) or (N, K, 1, 1), else None."""
    if len(shape) == 2 or (len(shape) == 4 and shape[2:] == (1, 1)):
        return (shape[0], shape[1])
    return None


def identity(call: Call) -> Activation:
    """Lower dropout in evaluation mode, contiguous and the like to nothing."""
    argument = "input" if call.has("input") else "self"
    if call.has("train") and call.plain("train"):
        raise call.refuse("dropout in training mode", "dropout that follows model.eval()")
    return call.activation(argument)


def cast(call: Call) -> Activation:
    """Lower x.float() of a float32 activation to nothing."""
    dtype = str(call.plain("dtype")).removeprefix("torch.")
    if dtype != "float32":
        raise call.refuse(f"a cast to {dtype}", "float32 throughout")
    return call.activation("self")
