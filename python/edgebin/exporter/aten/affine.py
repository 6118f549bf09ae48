"""Lowers arithmetic with constants, one number per channel, and sums of activations.

x + c, x - c, c - x, x * c, x / c and -x become a `batch_norm` of the dialect, which the passes fold
into the preprocessing, a layer before it or the thresholds behind it.
"""

from __future__ import annotations

import numpy as np

from edgebin.exporter.aten.call import Call
from edgebin.exporter.aten.captured import Activation
from edgebin.exporter.dialect import BATCH_NORM, Reals


def scaled(call: Call, x: Activation, gain: Reals, shift: Reals) -> Activation:
    """Return gain * x + shift, per channel of the activation."""
    ones, zeros = np.ones_like(gain), np.zeros_like(gain)
    constants = {"mean": zeros, "deviation": ones, "gain": gain, "shift": shift}
    return call.emit_like(BATCH_NORM, [x], constants=constants)


def uniform(call: Call, x: Activation, gain: float, shift: float) -> Activation:
    """Return gain * x + shift with the same numbers for each channel."""
    channels = call.channels(x)
    return scaled(call, x, np.full(channels, gain), np.full(channels, shift))


def add(call: Call) -> Activation:
    """Lower a + b: of two activations of one shape, or of one and a constant."""
    return _sum(call, 1.0)


def sub(call: Call) -> Activation:
    """Lower a - b."""
    return _sum(call, -1.0)


def rsub(call: Call) -> Activation:
    """Lower b - a, as Python's `1 - x` is traced."""
    x = call.activation("self")
    shift = call.factor("other", "self")
    return scaled(call, x, np.full_like(shift, -float(call.plain("alpha"))), shift)


def mul(call: Call) -> Activation:
    """Lower a * b, of two activations or of one and a constant."""
    constant, x = ("self", "other") if call.is_activation("other") else ("other", "self")
    if call.is_activation(constant):
        return _of_activations(call, "mul", call.activation("self"), call.activation("other"))
    gain = call.factor(constant, x, last=True)
    image = call.channels_last(x)
    if image is not None:
        return call.put_last(scaled(call, image, gain, np.zeros_like(gain)), x)
    return scaled(call, call.activation(x), gain, np.zeros_like(gain))


def div(call: Call) -> Activation:
    """Lower a / b where b is a constant."""
    if call.is_activation("other"):
        raise call.refuse("a division by an activation", "a division by constants")
    if call.has("rounding_mode") and call.plain("rounding_mode") is not None:
        raise call.refuse("a division that rounds", "a plain division")
    with np.errstate(divide="ignore"):
        gain = 1.0 / call.factor("other", "self")
    if not np.isfinite(gain).all():
        raise call.refuse("a division by 0", "constants that are not 0")
    return scaled(call, call.activation("self"), gain, np.zeros_like(gain))


def neg(call: Call) -> Activation:
    """Lower -x."""
    return uniform(call, call.activation("self"), -1.0, 0.0)


def _sum(call: Call, sign: float) -> Activation:
    factor = sign * float(call.plain("alpha"))
    if call.is_activation("self") and call.is_activation("other"):
        return _sum_of_activations(call, factor)
    if call.is_activation("self"):
        shift = factor * call.factor("other", "self")
        return scaled(call, call.activation("self"), np.ones_like(shift), shift)
    shift = call.factor("self", "other")
    return scaled(call, call.activation("other"), np.full_like(shift, factor), shift)


def _sum_of_activations(call: Call, factor: float) -> Activation:
    images = call.channels_last("self"), call.channels_last("other")
    last = None not in images and call.input_shape("self") == call.input_shape("other")
    left = images[0] if last and images[0] else call.activation("self")
    right = images[1] if last and images[1] else call.activation("other")
    if factor != 1.0:
        right = uniform(call, right, factor, 0.0)
    if last:
        return call.put_last(call.emit_like("add", [left, right]), "self")
    return _of_activations(call, "add", left, right)


def _of_activations(call: Call, op: str, left: Activation, right: Activation) -> Activation:
    """Return a sum or product of two activations of one shape, or of shapes that broadcast."""
    shapes = call.input_shape("self"), call.input_shape("other")
    held = call.shape(left), call.shape(right)
    if held[0] is None or held[1] is None or not (left.known and right.known):
        return call.unknown()
    if shapes[0] == shapes[1] and held[0] == held[1]:
        return call.emit_like(op, [left, right])
    as_they_are = all(
        len(shape) == 4 and shape[1:] == kept for shape, kept in zip(shapes, held, strict=True)
    )
    if not as_they_are:
        raise call.refuse(
            f"{op} of shapes {shapes[0]} and {shapes[1]}",
            "two equal shapes, or images (N, C, H, W) with 1 where a dimension is repeated",
        )
    return call.emit(op, [left, right])
