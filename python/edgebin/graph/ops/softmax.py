"""`softmax` over channels, in f64, with the same bits on every machine.

exp(x) = 2^n p(r) with n = rint(x log2 e) and r = x - n ln 2, |r| <= ln 2 / 2. ln 2 is split in two
so that n times its upper half is exact; p is the Taylor polynomial of degree 13. No library's exp
is called, since those differ in the last bit.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import output_type, read_attributes, require_inputs, require_roles

LOG2_E = float.fromhex("0x1.71547652b82fep+0")
LN2_HIGH = float.fromhex("0x1.62e42feep-1")
LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
COEFFICIENTS = tuple(1.0 / math.factorial(k) for k in range(14))
SMALLEST = -700.0


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("f32",))
    require_roles(node, ())
    read_attributes(node, {})
    return output_type(node, "f32", types[0].shape)


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32 (N, H, W, C); see `Op`."""
    x = inputs[0].astype(np.float64)
    powers = exponential(x - x.max(axis=3, keepdims=True))
    total = np.zeros(x.shape[:3])
    for c in range(x.shape[3]):
        total = total + powers[..., c]
    return (powers / total[..., None]).astype(np.float32)


def exponential(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return e^x for x <= 0, the same bits on every machine; 0 below -700."""
    n = np.rint(x * LOG2_E)
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    p = np.full_like(x, COEFFICIENTS[-1])
    for coefficient in reversed(COEFFICIENTS[:-1]):
        p = p * r + coefficient
    return np.where(x < SMALLEST, 0.0, np.ldexp(p, np.maximum(n, -1100).astype(np.intc)))


SOFTMAX = Op("softmax", infer, reference, Facts(Family.OTHER))
