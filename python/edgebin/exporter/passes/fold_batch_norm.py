"""Fold a batch norm into the epilogue of the convolution or linear layer before it.

Before:  y = conv(x) = scale acc + bias;  z = batch_norm(y) = gain y + shift
After:   z = conv(x) = (gain scale) acc + (gain bias + shift)

Only where the batch norm is the sole reader of y. A batch norm in front of a `threshold` is
folded here as well; its thresholds are computed from the epilogue later. A batch norm that cannot
be folded becomes `affine`.

Ensures: every `batch_norm` left is read by `threshold` alone; scale and bias stay float64.
"""

from __future__ import annotations

from edgebin.exporter.dialect import (
    BATCH_NORM,
    THRESHOLD,
    batch_norm_affine,
    is_product,
    producers,
    reals,
    redirect,
    sole_user,
    with_constants,
)
from edgebin.graph.ir import Graph, Node


def fold_batch_norm(graph: Graph) -> Graph:
    """Apply the pass."""
    makers = producers(graph)
    folded = {
        node.inputs[0]: node
        for node in graph.nodes
        if node.op == BATCH_NORM
        and node.inputs[0] in makers
        and is_product(makers[node.inputs[0]])
        and sole_user(graph, node.inputs[0]) is node
    }
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.name in folded:
            nodes.append(_fold(node, folded[node.name]))
        elif folded.get(node.inputs[0]) is not node:
            nodes.append(_standing(graph, node))
    absorbed = {norm.name: product for product, norm in folded.items()}
    return redirect(graph.with_nodes(tuple(nodes)), absorbed)


def _fold(product: Node, norm: Node) -> Node:
    affine = batch_norm_affine(norm)
    return with_constants(
        product,
        scale=reals(product, "scale") * affine.gain,
        bias=reals(product, "bias") * affine.gain + affine.shift,
    )


def _standing(graph: Graph, node: Node) -> Node:
    """Return a batch norm that only `threshold` reads as it is, any other as an affine map."""
    if node.op != BATCH_NORM:
        return node
    users = graph.users(node.name)
    if users and all(user.op == THRESHOLD for user in users) and node.name not in graph.outputs:
        return node
    affine = batch_norm_affine(node)
    return Node("affine", node.name, node.inputs, {"scale": affine.gain, "bias": affine.shift})
