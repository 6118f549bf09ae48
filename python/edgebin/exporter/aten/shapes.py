"""Add, concatenation, reshapes, and what disappears."""

from __future__ import annotations

from edgebin.exporter.aten.call import Call, Part
from edgebin.exporter.dialect import FLATTEN_CHW


def add(call: Call) -> Part:
    """A + b of two activations of one shape."""
    if call.plain("alpha") != 1:
        raise call.refuse(f"add with alpha={call.plain('alpha')}", "alpha=1")
    left, right = call.part("self"), call.part("other")
    shapes = call.input_shape("self"), call.input_shape("other")
    if shapes[0] != shapes[1]:
        raise call.refuse(f"add of shapes {shapes[0]} and {shapes[1]}", "two equal shapes")
    return call.emit("add", [left, right])


def cat(call: Call) -> Part:
    """torch.cat over channels."""
    rank = len(call.output_shape)
    if int(call.plain("dim")) % rank != 1:
        raise call.refuse(f"concatenation over dimension {call.plain('dim')}", "dim=1 (channels)")
    parts = call.parts("tensors")
    return parts[0] if len(parts) == 1 else call.emit("concat", parts)


def reshape(call: Call) -> Part:
    """Flattening of all but the batch; a reshape that moves nothing disappears."""
    before, after = call.input_shape("self"), call.output_shape
    part = call.part("self")
    if before == after or _vector(before) == _vector(after) is not None:
        return part
    if len(before) == 4 and len(after) == 2 and before[0] == after[0]:
        return call.emit(
            FLATTEN_CHW,
            [part],
            attributes={"height": before[2], "width": before[3], "channels": before[1]},
        )
    raise call.refuse(f"reshape from {before} to {after}", "torch.flatten(x, 1)")


def _vector(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """(N, K) of shapes that are a vector an image, (N, K) or (N, K, 1, 1)."""
    if len(shape) == 2 or (len(shape) == 4 and shape[2:] == (1, 1)):
        return (shape[0], shape[1])
    return None


def identity(call: Call) -> Part:
    """Dropout in evaluation, contiguous and the like: nothing."""
    argument = "input" if call.has("input") else "self"
    if call.has("train") and call.plain("train"):
        raise call.refuse("dropout in training mode", "dropout that follows model.eval()")
    return call.part(argument)


def cast(call: Call) -> Part:
    """x.float() of what is float32 already: nothing."""
    dtype = str(call.plain("dtype")).removeprefix("torch.")
    if dtype != "float32":
        raise call.refuse(f"a cast to {dtype}", "float32 throughout")
    return call.part("self")
