"""Round float32 weights of the first and the last layers to int8, one scale per output channel.

Before:  conv W f32, scale s
After:   conv Q s8,  scale s max|W| / 127,    Q = round(W 127 / max|W|), half to even

The maximum is over each output channel. The first layers are those that an input of bytes reaches
without passing another layer; the last are those whose result reaches an output so. Layers in
between keep their float32 weights; int8 and binary layers keep theirs.

Ensures: the chosen layers have no float32 weights; nothing else changes. This is the only pass that
is not exact: it rounds weights that were not trained to be rounded.
"""

from __future__ import annotations

import numpy as np

from edgebin.exporter.dialect import is_product, producers, reals, with_constants
from edgebin.graph.ir import Graph, Node


def quantize_ends(graph: Graph, *, first: bool, last: bool) -> Graph:
    """Apply the pass to the first layers, the last layers, or both."""
    makers = producers(graph)
    chosen: set[str] = set()
    if first:
        chosen |= _first_layers(graph)
    if last:
        chosen |= _last_layers(graph, makers)
    nodes = tuple(
        _round(node)
        if node.name in chosen and node.constants["weights"].dtype == np.float32
        else node
        for node in graph.nodes
    )
    return graph.with_nodes(nodes)


def _first_layers(graph: Graph) -> set[str]:
    found, reached = set(), {x.name for x in graph.inputs if x.dtype != "f32"}
    for node in graph.nodes:
        if reached.isdisjoint(node.inputs):
            continue
        if is_product(node):
            found.add(node.name)
        else:
            reached.add(node.name)
    return found


def _last_layers(graph: Graph, makers: dict[str, Node]) -> set[str]:
    found, seen, open_values = set(), set(), list(graph.outputs)
    while open_values:
        name = open_values.pop()
        node = makers.get(name)
        if node is None or name in seen:
            continue
        seen.add(name)
        if is_product(node):
            found.add(node.name)
        else:
            open_values.extend(node.inputs)
    return found


def _round(node: Node) -> Node:
    weights = reals(node, "weights")
    peak = np.abs(weights).reshape(weights.shape[0], -1).max(axis=1)
    step = np.where(peak > 0, peak, 127.0) / 127.0
    codes = np.rint(weights / step.reshape(-1, *[1] * (weights.ndim - 1)))
    return with_constants(node, weights=codes.astype(np.int8), scale=reals(node, "scale") * step)
