"""Lowers arithmetic with constants, and sums of activations.

x + c, x - c, c - x, x * c, x / c and -x become a `batch_norm` of the dialect, which the passes fold
into the preprocessing, a layer before it or the thresholds behind it. Where c has several numbers
for a channel, such as the positions of boxes, each element becomes a channel of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from edgebin.exporter.aten.call import Call, Part
from edgebin.exporter.aten.captured import Activation
from edgebin.exporter.aten.tensor_shapes import channels_last_order, elements
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
    alpha = float(call.plain("alpha"))
    return _with_constant(call, "self", "other", lambda c: (np.full_like(c, -alpha), c))


def mul(call: Call) -> Activation:
    """Lower a * b, of two activations or of one and a constant."""
    constant, x = ("self", "other") if call.is_activation("other") else ("other", "self")
    if call.is_activation(constant):
        return _of_activations(call, "mul", call.activation("self"), call.activation("other"))
    return _with_constant(call, x, constant, lambda c: (c, np.zeros_like(c)))


def div(call: Call) -> Activation:
    """Lower a / b where b is a constant."""
    if call.is_activation("other"):
        raise call.refuse("a division by an activation", "a division by constants")
    if call.has("rounding_mode") and call.plain("rounding_mode") is not None:
        raise call.refuse("a division that rounds", "a plain division")

    def gain_and_shift(constant: Reals) -> tuple[Reals, Reals]:
        with np.errstate(divide="ignore"):
            gain = 1.0 / constant
        if not np.isfinite(gain).all():
            raise call.refuse("a division by 0", "constants that are not 0")
        return gain, np.zeros_like(gain)

    return _with_constant(call, "self", "other", gain_and_shift)


def neg(call: Call) -> Activation:
    """Lower -x."""
    return uniform(call, call.activation("self"), -1.0, 0.0)


def _sum(call: Call, sign: float) -> Activation:
    factor = sign * float(call.plain("alpha"))
    if call.is_activation("self") and call.is_activation("other"):
        return _sum_of_activations(call, factor)
    if call.is_activation("self"):
        return _with_constant(call, "self", "other", lambda c: (np.ones_like(c), factor * c))
    return _with_constant(call, "other", "self", lambda c: (np.full_like(c, factor), c))


def _with_constant(
    call: Call, x: str, constant: str, gain_and_shift: Callable[[Reals], tuple[Reals, Reals]]
) -> Activation:
    """Return gain * x + shift, where both are functions of a constant.

    Args:
        call: that is lowered.
        x: name of the argument that is an activation.
        constant: name of the other one.
        gain_and_shift: of the constant's numbers.
    """
    if len(call.input_shape(x)) > 4 or call.is_per_element(constant, x):
        return _of_elements(call, x, *gain_and_shift(call.per_element(constant, x)))
    image = call.channels_last(x)
    gain, shift = gain_and_shift(call.factor(constant, x, last=True))
    if image is not None:
        return call.put_last(scaled(call, image, gain, shift), x)
    return scaled(call, call.activation(x), gain, shift)


def _of_elements(call: Call, name: str, gain: Reals, shift: Reals) -> Activation:
    """Return gain * x + shift with numbers for each element, in torch's order."""
    part = call.part(name)
    held = call.shape(part.value)
    if not part.value.known or held is None:
        return call.unknown()
    numbers = part.numbers.reshape(-1)
    if len(np.unique(numbers)) != elements(held):  # a slice of the value, or repeated elements
        image = call.activation(name)
        held = call.shape(image)
        assert held is not None
        part = Part(image, np.arange(elements(held), dtype=np.intp).reshape(part.numbers.shape))
        numbers = part.numbers.reshape(-1)
    if (gain == gain[0]).all() and (shift == shift[0]).all():
        image = uniform(call, replace(part.value, order=None), float(gain[0]), float(shift[0]))
        return replace(image, order=part.numbers, name=call.path)
    # Position of each element, in the order in which the vector has them, channels innermost.
    places = np.argsort(numbers)[channels_last_order(held)]
    vector = call.emit("flatten", [replace(part.value, order=None)], shape=(elements(held), 1, 1))
    moved = scaled(call, vector, gain[places], shift[places])
    attributes = dict(zip(("out_c", "out_h", "out_w"), held, strict=True))
    image = call.emit("reshape", [moved], attributes=attributes, shape=held)
    return replace(image, order=part.numbers, name=call.path)


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
