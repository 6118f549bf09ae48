"""Moves a node before the one whose value it reads: what passes that raise operators share."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edgebin.exporter.dialect import producers, redirect, rewrite, with_inputs
from edgebin.graph.ir import Graph, Node

Makers = Mapping[str, Node]
"""The node that makes each value; see `producers`."""


def raise_all(
    graph: Graph,
    is_movable: Callable[[Graph, Makers, Node], bool],
    moved: Callable[[Node, Node], Node] = lambda node, _: node,
) -> Graph:
    """Swap nodes with the makers of what they read, until none is left to move.

    Readers of a moved node's value then read that of the maker.

    Args:
        graph: that is changed.
        is_movable: whether a node may be swapped with the maker of its first input.
        moved: what a node and its maker make of the node when it stands before the maker.
    """
    while True:
        makers = producers(graph)
        node = next((node for node in graph.nodes if is_movable(graph, makers, node)), None)
        if node is None:
            return graph
        maker = makers[node.inputs[0]]
        graph = _swapped(graph, maker, node, moved(node, maker))


def _swapped(graph: Graph, maker: Node, node: Node, moved: Node) -> Graph:
    kept = graph.with_nodes(tuple(one for one in graph.nodes if one is not maker))
    swapped = (with_inputs(moved, *maker.inputs), with_inputs(maker, node.name))
    redirected = redirect(kept, {node.name: maker.name})
    return rewrite(redirected, lambda one: swapped if one.name == node.name else (one,))
