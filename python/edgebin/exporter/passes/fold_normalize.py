"""Let the first layer read raw pixels.

Before:  normalize(mean_c, s) -> conv Q (s8 or bit), scale a
After:   conv Q, scale a / (255 s), zero_c = 255 mean_c, on u8 pixels

A pixel that equals its channel's mean counts as 0, so zero padding of the normalised image is a
border of such pixels, exactly. `zero` is in units of 2^-16. Where the scales of the channels
differ, the weights are float32 or a mean lies outside 0..1, `normalize` becomes an `affine` in
float32.

Ensures: no `normalize`.
"""

from __future__ import annotations

import numpy as np

from edgebin.exporter.dialect import (
    NORMALIZE,
    is_product,
    normalize_affine,
    producers,
    reals,
    with_constants,
    with_inputs,
)
from edgebin.graph.ir import Graph, Node

ZERO_UNITS = 65536
_LONGEST_ROW = 65_536
"""Weights of one output channel that an i32 sum of u8 x s8 holds (FORMAT.md)."""


def fold_normalize(graph: Graph) -> Graph:
    """Apply the pass."""
    makers = producers(graph)
    nodes: list[Node] = []
    for node in graph.nodes:
        maker = makers.get(node.inputs[0])
        if node.op == NORMALIZE:
            affine = normalize_affine(node)
            constants = {"scale": affine.gain, "bias": affine.shift}
            nodes.append(Node("affine", node.name, node.inputs, constants))
        elif maker is not None and maker.op == NORMALIZE and _foldable(maker, node):
            nodes.append(_fold(maker, node))
        else:
            nodes.append(node)
    return graph.with_nodes(tuple(nodes))


def _foldable(maker: Node, layer: Node) -> bool:
    if not is_product(layer) or layer.constants["weights"].dtype == np.float32:
        return False
    mean, scale = reals(maker, "mean"), reals(maker, "scale")
    row = int(np.prod(layer.constants["weights"].shape[1:]))
    return bool(np.ptp(scale) == 0 and mean.min() >= 0 and mean.max() <= 1 and row <= _LONGEST_ROW)


def _fold(maker: Node, layer: Node) -> Node:
    gain = normalize_affine(maker).gain[0]
    zero = np.rint(255.0 * ZERO_UNITS * reals(maker, "mean")).astype(np.int32)
    folded = with_constants(layer, scale=reals(layer, "scale") * gain, zero=zero)
    return with_inputs(folded, *maker.inputs)
