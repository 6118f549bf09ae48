"""Make channels innermost where an image is flattened.

Before:  x (H, W, C) -> flatten_chw -> linear W[n, k]
After:   x (H, W, C) -> flatten     -> linear W[n, order[k]]

PyTorch flattens with the channels outermost, the runtime with them innermost. Position i of the
runtime's vector is position order[i] of PyTorch's. The order is propagated down the graph through
elementwise operators, whose per-channel constants are permuted, to a linear layer, whose weights
are. Where something else reads a vector, its elements are brought into PyTorch's order instead:

After:   x (H, W, C) -> transpose (C, H, W) -> flatten -> slice, concat, an output, ...

Ensures: no `flatten_chw`; every output has PyTorch's order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgebin.exporter.dialect import FLATTEN_CHW, facts_of, with_constants
from edgebin.graph.ir import Graph, Node

Order = npt.NDArray[np.intp]

_TRANSPOSE = {"axis_0": 2, "axis_1": 0, "axis_2": 1}


@dataclass(frozen=True, slots=True)
class _Permuted:
    """The order of a vector, and the nodes that flattened what it was made of."""

    order: Order
    sources: frozenset[str]


def fold_flatten(graph: Graph) -> Graph:
    """Apply the pass."""
    transposed: frozenset[str] = frozenset()
    while True:
        found = _unfoldable(graph, transposed)
        if not found:
            break
        transposed |= found
    permuted: dict[str, _Permuted] = {}
    return graph.with_nodes(
        tuple(new for node in graph.nodes for new in _node(node, permuted, transposed))
    )


def _unfoldable(graph: Graph, transposed: frozenset[str]) -> frozenset[str]:
    """Return flattening nodes whose vector is read by what needs PyTorch's order."""
    permuted: dict[str, _Permuted] = {}
    for node in graph.nodes:
        incoming = [permuted.get(name) for name in node.inputs]
        facts = None if node.op == FLATTEN_CHW else facts_of(node)
        reads_any_order = facts is not None and (node.op == "linear" or facts.is_elementwise)
        if any(incoming) and not (reads_any_order and _agree(incoming)):
            return _sources(incoming)
        for _ in _node(node, permuted, transposed):
            pass
    return _sources([permuted.get(name) for name in graph.outputs])


def _sources(several: list[_Permuted | None]) -> frozenset[str]:
    return frozenset().union(*(permuted.sources for permuted in several if permuted is not None))


def _agree(incoming: list[_Permuted | None]) -> bool:
    first = incoming[0]
    return first is not None and all(
        other is not None and np.array_equal(other.order, first.order) for other in incoming
    )


def _node(node: Node, permuted: dict[str, _Permuted], transposed: frozenset[str]) -> Iterator[Node]:
    """Yield what a node becomes, and note the order of its value."""
    if node.op == FLATTEN_CHW:
        order = _flatten_order(node)
        if node.name in transposed:
            name = f"{node.name}#chw"
            yield Node("transpose", name, node.inputs, {}, _TRANSPOSE)
            yield Node("flatten", node.name, (name,))
            return
        if (order != np.arange(len(order))).any():
            permuted[node.name] = _Permuted(order, frozenset({node.name}))
        yield Node("flatten", node.name, node.inputs)
        return
    incoming = [permuted.get(name) for name in node.inputs]
    first = incoming[0] if incoming else None
    if first is None:
        yield node
    elif node.op == "linear":
        yield with_constants(node, weights=node.constants["weights"][:, first.order])
    else:
        permuted[node.name] = _Permuted(first.order, _sources(incoming))
        roles = [role for role in facts_of(node).channel_constants if role in node.constants]
        yield with_constants(node, **{role: node.constants[role][first.order] for role in roles})


def _flatten_order(node: Node) -> Order:
    size = node.attributes
    features = size["channels"] * size["height"] * size["width"]
    cube = np.arange(features).reshape(size["channels"], size["height"], size["width"])
    return cube.transpose(1, 2, 0).reshape(-1)
