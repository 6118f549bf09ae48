"""Remove nodes whose value is never read.

Before:  a -> b, a -> c; outputs: b
After:   a -> b;         outputs: b

Ensures: every node is read by another or is an output.
"""

from __future__ import annotations

from edgebin.graph.ir import Graph, Node


def drop_unread(graph: Graph) -> Graph:
    """Apply the pass."""
    read = set(graph.outputs)
    kept: list[Node] = []
    for node in reversed(graph.nodes):
        if node.name in read:
            kept.append(node)
            read.update(node.inputs)
    return graph.with_nodes(tuple(reversed(kept)))
