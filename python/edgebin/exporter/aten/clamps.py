"""Lowers ReLU in every spelling, and what is made of ReLUs: clips and leaky ReLUs.

With r = relu:  max(x, a) = r(x - a) + a,  min(x, b) = b - r(b - x),  leaky(x) = r(x) - s r(-x).
"""

from __future__ import annotations

import math

import numpy as np

from edgebin.exporter.aten.affine import scaled, uniform
from edgebin.exporter.aten.call import Call
from edgebin.exporter.aten.captured import Activation
from edgebin.exporter.dialect import Reals


def relu(call: Call) -> Activation:
    """Lower torch.nn.ReLU."""
    return call.elementwise("relu")


def relu6(call: Call) -> Activation:
    """Lower torch.nn.ReLU6."""
    return _clip(call, call.activation("self"), 0.0, 6.0)


def clamp(call: Call) -> Activation:
    """Lower torch.clamp with numbers as bounds."""
    low, high = (_bound(call, name) for name in ("min", "max"))
    return _clip(call, call.activation("self"), low, high)


def clamp_min(call: Call) -> Activation:
    """Lower torch.clamp_min with a number."""
    return _clip(call, call.activation("self"), _bound(call, "min"), math.inf)


def clamp_max(call: Call) -> Activation:
    """Lower torch.clamp_max with a number."""
    return _clip(call, call.activation("self"), -math.inf, _bound(call, "max"))


def hardtanh(call: Call) -> Activation:
    """Lower torch.nn.Hardtanh."""
    low, high = float(call.plain("min_val")), float(call.plain("max_val"))
    return _clip(call, call.activation("self"), low, high)


def hardsigmoid(call: Call) -> Activation:
    """Lower torch.nn.Hardsigmoid: x / 6 + 1 / 2, clipped to 0..1."""
    return _clip(call, uniform(call, call.activation("self"), 1 / 6, 0.5), 0.0, 1.0)


def threshold(call: Call) -> Activation:
    """Lower torch.nn.Threshold where it is a ReLU."""
    if float(call.plain("threshold")) != 0 or float(call.plain("value")) != 0:
        raise call.refuse("a threshold other than 0", "torch.nn.ReLU")
    return relu(call)


def maximum(call: Call) -> Activation:
    """Lower torch.maximum with a constant."""
    x, bound = _with_constant(call)
    return _at_least(call, x, bound)


def minimum(call: Call) -> Activation:
    """Lower torch.minimum with a constant."""
    x, bound = _with_constant(call)
    return _at_most(call, x, bound)


def leaky_relu(call: Call) -> Activation:
    """Lower torch.nn.LeakyReLU."""
    x = call.activation("self")
    return _leaky(call, x, np.full(call.channels(x), float(call.plain("negative_slope"))))


def prelu(call: Call) -> Activation:
    """Lower torch.nn.PReLU, with one slope or one for each channel."""
    x = call.activation("self")
    slope = call.reals("weight", default=0.0, size=1)
    if len(slope) not in (1, call.channels(x)):
        raise call.refuse(f"a PReLU with {len(slope)} slopes", "one slope, or one for each channel")
    return _leaky(call, x, np.broadcast_to(slope, call.channels(x)).copy())


def absolute(call: Call) -> Activation:
    """Lower torch.abs: r(x) + r(-x)."""
    x = call.activation("self")
    return _leaky(call, x, np.full(call.channels(x), -1.0))


def _bound(call: Call, name: str) -> float:
    """Return a bound of a clamp; infinite where it is left out."""
    value = call.plain(name)
    if value is None:
        return -math.inf if name == "min" else math.inf
    if isinstance(value, int | float):
        return float(value)
    tensor = call.tensor(name)
    if tensor is None or tensor.numel() != 1:
        raise call.refuse("a clamp with a tensor as its bound", "numbers as bounds")
    return float(tensor)


def _with_constant(call: Call) -> tuple[Activation, Reals]:
    constant, x = ("self", "other") if call.is_activation("other") else ("other", "self")
    if call.is_activation(constant):
        raise call.refuse(
            "the larger or smaller of two activations", "torch.nn.ReLU, a pool or a sum"
        )
    return call.activation(x), call.factor(constant, x)


def _clip(call: Call, x: Activation, low: float, high: float) -> Activation:
    if math.isnan(low) or math.isnan(high):
        raise call.refuse("a clip at NaN", "numbers as bounds")
    ones = np.ones(call.channels(x))
    if low > -math.inf:
        x = _at_least(call, x, low * ones)
    if high < math.inf:
        x = _at_most(call, x, high * ones)
    return x


def _at_least(call: Call, x: Activation, bound: Reals) -> Activation:
    """Return r(x - bound) + bound."""
    if not bound.any():
        return call.emit_like("relu", [x])
    ones = np.ones_like(bound)
    above = call.emit_like("relu", [scaled(call, x, ones, -bound)])
    return scaled(call, above, ones, bound)


def _at_most(call: Call, x: Activation, bound: Reals) -> Activation:
    """Return bound - r(bound - x)."""
    minus = -np.ones_like(bound)
    below = call.emit_like("relu", [scaled(call, x, minus, bound)])
    return scaled(call, below, minus, bound)


def _leaky(call: Call, x: Activation, slope: Reals) -> Activation:
    """Return r(x) - slope r(-x)."""
    positive = call.emit_like("relu", [x])
    if not slope.any():
        return positive
    negative = call.emit_like("relu", [uniform(call, x, -1.0, 0.0)])
    scaled_negative = scaled(call, negative, -slope, np.zeros_like(slope))
    return call.emit_like("add", [positive, scaled_negative])
