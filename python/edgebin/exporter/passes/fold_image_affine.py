"""Fold arithmetic on the image into the preprocessing.

Before:  normalize(mean, scale) -> batch_norm (a, b per channel)
After:   normalize(mean - b scale / a, scale / a)

A network that normalises in its forward, (x - mean) / std, and one that begins with a batch norm
then read raw pixels like any other. Zero padding stays zero: it is the pixel that is mapped to 0.
Where an a is 0 the batch norm stays.

Ensures: no `batch_norm` without zeros among its gains reads `normalize`; the same reals.
"""

from __future__ import annotations

from edgebin.exporter.dialect import BATCH_NORM, NORMALIZE, batch_norm_affine, producers, reals
from edgebin.graph.ir import Graph, Node


def fold_image_affine(graph: Graph) -> Graph:
    """Apply the pass."""
    makers = producers(graph)
    nodes: list[Node] = []
    for node in graph.nodes:
        maker = makers.get(node.inputs[0])
        if node.op == BATCH_NORM and maker is not None and maker.op == NORMALIZE:
            makers[node.name] = _folded(maker, node)
        nodes.append(makers[node.name])
    return graph.with_nodes(tuple(nodes))


def _folded(maker: Node, norm: Node) -> Node:
    affine = batch_norm_affine(norm)
    if not affine.gain.all():
        return norm
    scale = reals(maker, "scale") / affine.gain
    mean = reals(maker, "mean") - affine.shift * scale
    return Node(NORMALIZE, norm.name, maker.inputs, {"mean": mean, "scale": scale})
