"""Give all channels of the image one scale in front of a float32 layer.

Before:  normalize(mean_c, scale_c) -> conv W[n, y, x, c]
After:   normalize(mean_c, s)       -> conv W[n, y, x, c] s / scale_c,    s = min over c of scale_c

Then only the weights differ from channel to channel, and the layer can be rounded to int8 and read
raw pixels. Zero padding stays zero: both images are 0 where the pixel is the mean.

Ensures: a float32 layer that reads the image reads one with equal scales; the same reals.
"""

from __future__ import annotations

import numpy as np

from edgebin.exporter.dialect import (
    NORMALIZE,
    is_product,
    producers,
    reals,
    with_constants,
    with_inputs,
)
from edgebin.graph.ir import Graph, Node


def even_normalize(graph: Graph) -> Graph:
    """Apply the pass."""
    makers = producers(graph)
    nodes: list[Node] = []
    for node in graph.nodes:
        maker = makers.get(node.inputs[0])
        if (
            maker is not None
            and maker.op == NORMALIZE
            and is_product(node)
            and node.constants["weights"].dtype == np.float32
            and np.ptp(reals(maker, "scale")) > 0
        ):
            nodes.extend(_even(maker, node))
        else:
            nodes.append(node)
    return graph.with_nodes(tuple(nodes))


def _even(maker: Node, layer: Node) -> tuple[Node, Node]:
    scale = reals(maker, "scale")
    smallest = scale.min()
    even = Node(
        NORMALIZE,
        f"{layer.name}#{NORMALIZE}",
        maker.inputs,
        {"mean": maker.constants["mean"], "scale": np.full_like(scale, smallest)},
    )
    weights = reals(layer, "weights")
    groups = layer.attributes.get("groups", 1)
    factors = np.repeat((smallest / scale).reshape(groups, -1), weights.shape[0] // groups, axis=0)
    factors = factors.reshape(weights.shape[0], *[1] * (weights.ndim - 2), -1)
    scaled = with_constants(layer, weights=(weights * factors).astype(np.float32))
    return even, with_inputs(scaled, even.name)
