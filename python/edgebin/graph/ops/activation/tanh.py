"""`tanh`: the hyperbolic tangent: near 0 a polynomial, else 1 - 2 / (e^2|x| + 1)."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Node
from edgebin.graph.ops.activation.elementary import Reals, exponential, horner
from edgebin.graph.ops.elementwise.define import elementwise

_NEAR = tuple(
    np.float32(float.fromhex(text))
    for text in (
        "-0x1.75e358p-8",
        "0x1.522500p-6",
        "-0x1.b83c4ap-5",
        "0x1.110694p-3",
        "-0x1.5554fap-2",
    )
)
"""Of Cephes, tanhf."""


def compute(node: Node, x: Reals) -> Reals:
    """Return float32, as x."""
    one, two = np.float32(1), np.float32(2)
    a, z = np.abs(x), x * x
    near = x + x * z * horner(_NEAR, z)
    far = np.copysign(one - two / (exponential(two * a) + one), x)
    return np.where(np.less(a, np.float32(0.625)), near, far)


TANH = elementwise("tanh", compute, since=3)
