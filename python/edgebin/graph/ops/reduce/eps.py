"""The constant `eps`, which keeps the normalizations from dividing by zero."""

from __future__ import annotations

from edgebin.graph.ir import Node
from edgebin.graph.ops.signature import refusal, require_reals


def require_eps(node: Node) -> None:
    """Refuse unless `eps` is one finite f32, at least 0."""
    require_reals(node, "eps", (1,))
    value = float(node.constants["eps"][0])
    if value < 0:
        raise refusal(node, "constant.finite", f"eps is at least 0, found {value}")
