"""Give outputs the names that the network gives them.

Before:  conv -> affine "head"; outputs: head
After:   conv -> affine "logits"; outputs: logits

Ensures: the outputs have the given names, in order, and every node a name of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edgebin.graph.ir import Graph


def name_outputs(graph: Graph, names: Sequence[str]) -> Graph:
    """Apply the pass; without names it changes nothing."""
    if not names:
        return graph
    renamed = dict(zip(graph.outputs, names, strict=True))
    taken = {*names, *(node.name for node in graph.nodes)}
    for node in graph.nodes:
        if node.name in names and node.name not in renamed:
            renamed[node.name] = _unused(node.name, taken)
    nodes = tuple(
        replace(
            node,
            name=renamed.get(node.name, node.name),
            inputs=tuple(renamed.get(name, name) for name in node.inputs),
        )
        for node in graph.nodes
    )
    return replace(graph, nodes=nodes, outputs=tuple(names))


def _unused(name: str, taken: set[str]) -> str:
    """Return the name with the first number that makes it one of its own, and take it."""
    number = 2
    while f"{name}#{number}" in taken:
        number += 1
    taken.add(f"{name}#{number}")
    return f"{name}#{number}"
