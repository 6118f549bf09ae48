"""Lowers normalizations by the statistics of the activation itself, and argmax."""

from __future__ import annotations

import math

import numpy as np
from torch.fx import Node as FxNode

from edgebin.exporter.aten.call import Call
from edgebin.exporter.aten.captured import Activation
from edgebin.exporter.aten.tensor_shapes import Shape
from edgebin.graph.ir import Array


def group_norm(call: Call) -> Activation:
    """Lower torch.nn.GroupNorm."""
    groups = int(call.plain("num_groups"))
    return _normalized(call, "group_norm", {"groups": groups})


def instance_norm(call: Call) -> Activation:
    """Lower torch.nn.InstanceNorm2d without running statistics: a group for each channel."""
    if not call.plain("use_input_stats"):
        raise call.refuse("an instance norm with running statistics", "torch.nn.BatchNorm2d")
    return _normalized(call, "group_norm", {"groups": call.channels(call.activation("input"))})


def layer_norm(call: Call) -> Activation:
    """Lower torch.nn.LayerNorm of vectors, of channels that come last, or of whole images."""
    size = tuple(int(number) for number in call.plain("normalized_shape"))
    shape = call.input_shape("input")
    if len(shape) == 2 and size == shape[1:]:
        return _normalized(call, "layer_norm", {})
    image = call.channels_last("input")
    if image is not None and size == shape[-1:]:
        held = call.shape(image)
        assert held is not None
        return call.put_last(_emitted(call, "layer_norm", image, {}, held), "input")
    if len(shape) != 4 or size != shape[1:]:
        raise call.refuse(
            f"a layer norm over the last {len(size)} of {len(shape)} dimensions",
            "torch.nn.GroupNorm(1, C), or a layer norm of vectors (N, C) or images (N, H, W, C)",
        )
    return _normalized(call, "group_norm", {"groups": 1})


def vector_norm(call: Call) -> Activation:
    """Lower torch.nn.functional.normalize(x, dim=1), a norm that x is divided by."""
    x = call.activation("self")
    held, shape = call.shape(x), call.input_shape("self")
    if not x.known or held is None:
        return call.unknown()
    division = _division(call.fx)
    dims = [int(dim) % len(shape) for dim in call.plain("dim") or ()]
    plain = call.plain("ord") == 2 and call.plain("keepdim") and dims == [1]
    if division is None or not plain or shape[1:] not in (held, held[:1]):
        raise call.refuse("a norm of the activation", "torch.nn.functional.normalize(x, dim=1)")
    eps, calls = division
    result = call.emit("l2_normalize", [x], constants={"eps": np.array([eps])}, shape=held)
    call.cover(calls, result)
    return result


def argmax(call: Call) -> Activation:
    """Lower x.argmax(1), with or without keepdim; the file holds the number as float32."""
    x = call.activation("self")
    held, shape = call.shape(x), call.input_shape("self")
    if not x.known or held is None:
        return call.unknown()
    dim = call.plain("dim")
    whole = len(shape) == 2 or (len(shape) == 4 and shape[1:] == held)
    if dim is None or int(dim) % len(shape) != 1 or not whole:
        raise call.refuse(f"argmax over dimension {dim}", "dim=1, the channels")
    return call.emit("argmax", [x], shape=(1, *held[1:]))


def _normalized(call: Call, op: str, attributes: dict[str, int]) -> Activation:
    x = call.activation("input")
    held, shape = call.shape(x), call.input_shape("input")
    if not x.known or held is None:
        return call.unknown()
    if shape[1:] not in (held, held[:1], (held[0], held[1] * held[2])):
        raise call.refuse(f"a norm of images reshaped to {shape}", "images as they are")
    return _emitted(call, op, x, attributes, held)


def _emitted(
    call: Call, op: str, x: Activation, attributes: dict[str, int], held: Shape
) -> Activation:
    constants: dict[str, Array] = {
        "scale": _channels(call, "weight", 1.0, held),
        "bias": _channels(call, "bias", 0.0, held),
        "eps": np.array([float(call.plain("eps"))]),
    }
    if not all(np.isfinite(constant).all() for constant in constants.values()):
        raise call.refuse("a norm with parameters that are not finite", "finite parameters")
    return call.emit(op, [x], constants=constants, attributes=attributes, shape=held)


def _channels(call: Call, name: str, default: float, held: Shape) -> Array:
    """Return a parameter as a number for each channel."""
    values = call.reals(name, default=default, size=held[0])
    if len(values) == held[0]:
        return values
    rows = values.reshape(held[0], -1) if len(values) == math.prod(held) else values[None]
    if len(rows) != held[0] or (rows != rows[:, :1]).any():
        raise call.refuse("a layer norm with parameters for each pixel", "torch.nn.GroupNorm(1, C)")
    return np.ascontiguousarray(rows[:, 0])


def _division(norm: FxNode) -> tuple[float, list[FxNode]] | None:
    """Return eps and the calls from a norm to x / max(norm, eps); None where they are others."""
    eps, calls, last = 0.0, [norm], norm
    while len(last.users) == 1:
        (user,) = last.users
        name = str(user.target).removesuffix(".default")
        calls.append(user)
        if name == "aten.div.Tensor":
            return (eps, calls) if user.args == (norm.args[0], last) else None
        if name == "aten.clamp_min" and last is norm and isinstance(user.args[1], int | float):
            eps = float(user.args[1])
        elif name not in ("aten.expand", "aten.expand_as"):
            return None
        last = user
    return None
