"""`clamp`: x within `min` and `max`; NaN stays NaN."""

from __future__ import annotations

from typing import cast

from edgebin.graph.ir import Node
from edgebin.graph.ops.activation.elementary import Reals, at_least, at_most
from edgebin.graph.ops.elementwise.define import Constants, elementwise
from edgebin.graph.ops.signature import refusal, require_reals


def compute(node: Node, x: Reals) -> Reals:
    """Return float32, as x."""
    low, high = (cast(Reals, node.constants[role])[0] for role in ("min", "max"))
    return at_most(at_least(x, low), high)


def check(node: Node, channels: int) -> None:
    """Refuse bounds that are not finite, or in the wrong order."""
    for role in ("min", "max"):
        require_reals(node, role, (1,))
    low, high = node.constants["min"][0], node.constants["max"][0]
    if low > high:
        raise refusal(node, "constant.range", f"min is at most max, found {low} and {high}")


CLAMP = elementwise(
    "clamp",
    compute,
    constants=Constants(("min", "max"), check=check, per_channel=False),
    since=3,
)
