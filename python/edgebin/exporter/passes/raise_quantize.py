"""Move max pools behind the quantize that reads them, so that they pool codes instead of reals.

Before:  x -> max_pool -> quantize
After:   x -> quantize -> max_pool

Counting thresholds is monotone, so it commutes with the maximum, and a code is 16 times smaller
than a float32. A channel whose sign is -1 turns the maximum into a minimum; then the pool stays.

Ensures: a max pool that only a quantize with positive signs reads comes after it.
"""

from __future__ import annotations

from edgebin.exporter.dialect import (
    facts_of,
    producers,
    reals,
    redirect,
    rewrite,
    sole_user,
    with_inputs,
)
from edgebin.graph.ir import Graph, Node


def raise_quantize(graph: Graph) -> Graph:
    """Apply the pass until no pool is left to move."""
    while True:
        raised = _once(graph)
        if raised is None:
            return graph
        graph = raised


def _once(graph: Graph) -> Graph | None:
    makers = producers(graph)
    for node in graph.nodes:
        pool = makers.get(node.inputs[0])
        if node.op == "quantize" and pool is not None and _movable(graph, pool, node):
            return _swap(graph, pool, node)
    return None


def _movable(graph: Graph, pool: Node, node: Node) -> bool:
    return (
        facts_of(pool).commutes_with_monotone_maps
        and sole_user(graph, pool.name) is node
        and bool((reals(node, "sign") > 0).all())
    )


def _swap(graph: Graph, pool: Node, node: Node) -> Graph:
    """Swap the two; readers of the quantize's value then read the pool's."""
    kept = graph.with_nodes(tuple(n for n in graph.nodes if n is not pool))
    swapped = (with_inputs(node, *pool.inputs), with_inputs(pool, node.name))
    redirected = redirect(kept, {node.name: pool.name})
    return rewrite(redirected, lambda n: swapped if n.name == node.name else (n,))
