"""Move max pools behind the quantize that reads them, so that they pool codes instead of reals.

Before:  x -> max_pool -> quantize
After:   x -> quantize -> max_pool

Counting thresholds is monotone, so it commutes with the maximum, and a code is 16 times smaller
than a float32. A channel whose sign is -1 turns the maximum into a minimum; then the pool stays.

Ensures: a max pool that only a quantize with positive signs reads comes after it.
"""

from __future__ import annotations

from edgebin.exporter.dialect import facts_of, reals, sole_user
from edgebin.exporter.passes.swap import Makers, raise_all
from edgebin.graph.ir import Graph, Node


def raise_quantize(graph: Graph) -> Graph:
    """Apply the pass until no pool is left to move."""
    return raise_all(graph, _is_movable)


def _is_movable(graph: Graph, makers: Makers, node: Node) -> bool:
    pool = makers.get(node.inputs[0])
    return (
        node.op == "quantize"
        and pool is not None
        and facts_of(pool).commutes_with_monotone_maps
        and sole_user(graph, pool.name) is node
        and bool((reals(node, "sign") > 0).all())
    )
