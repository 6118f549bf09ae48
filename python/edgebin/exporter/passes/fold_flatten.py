"""Make channels innermost where an image is flattened.

Before:  x (H, W, C) -> flatten_chw -> linear W[n, k]
After:   x (H, W, C) -> flatten     -> linear W[n, order[k]]

PyTorch flattens with the channels outermost, the runtime with them innermost. Position i of the
runtime's vector is position order[i] of PyTorch's. The order is propagated down the graph through
elementwise operators, whose per-channel constants are permuted, to a linear layer, whose weights
are.

Ensures: no `flatten_chw`; every output has PyTorch's order.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgebin.errors import ExportError, Refusal
from edgebin.exporter.dialect import FLATTEN_CHW, facts_of, with_constants
from edgebin.graph.ir import Graph, Node

Order = npt.NDArray[np.intp]


def fold_flatten(graph: Graph) -> Graph:
    """Apply the pass; raise ExportError if an output would have another order."""
    orders: dict[str, Order] = {}
    nodes = tuple(_node(node, orders) for node in graph.nodes)
    for name in graph.outputs:
        if name in orders:
            works = "a linear layer after torch.flatten, or the image itself as output"
            raise ExportError(refusals=[Refusal(name, "an output of flattened images", works)])
    return graph.with_nodes(nodes)


def _node(node: Node, orders: dict[str, Order]) -> Node:
    if node.op == FLATTEN_CHW:
        order = _flatten_order(node)
        if (order != np.arange(len(order))).any():
            orders[node.name] = order
        return Node("flatten", node.name, node.inputs)
    incoming = [orders.get(name) for name in node.inputs]
    if all(order is None for order in incoming):
        return node
    if node.op == "linear":
        return with_constants(node, weights=node.constants["weights"][:, incoming[0]])
    facts = facts_of(node)
    if facts.is_elementwise:
        order = orders[node.name] = _shared(node, incoming)
        roles = [role for role in facts.channel_constants if role in node.constants]
        return with_constants(node, **{role: node.constants[role][order] for role in roles})
    works = "a linear layer directly after torch.flatten"
    raise ExportError(refusals=[Refusal(node.name, f"{node.op} of a flattened image", works)])


def _flatten_order(node: Node) -> Order:
    size = node.attributes
    features = size["channels"] * size["height"] * size["width"]
    cube = np.arange(features).reshape(size["channels"], size["height"], size["width"])
    return cube.transpose(1, 2, 0).reshape(-1)


def _shared(node: Node, incoming: list[Order | None]) -> Order:
    first = incoming[0]
    for order in incoming:
        if order is None or first is None or not np.array_equal(order, first):
            found = f"{node.op} of vectors flattened from images of different sizes"
            works = "a linear layer on each first"
            raise ExportError(refusals=[Refusal(node.name, found, works)])
    assert first is not None
    return first
