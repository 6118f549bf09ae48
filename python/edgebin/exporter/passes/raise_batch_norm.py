"""Move batch norms before what sorts the result of a layer into rows and columns.

Before:  conv -> depth_to_space(b) -> slice of rows and columns -> batch_norm
After:   conv -> batch_norm, each channel's numbers b b times -> depth_to_space(b) -> slice

That is what a transposed convolution with a stride is made of; its batch norm then folds into the
convolution.

Ensures: no batch norm is the sole reader of such a chain behind a layer; the same reals.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgebin.exporter.dialect import (
    BATCH_NORM,
    is_product,
    producers,
    redirect,
    rewrite,
    sole_user,
    with_inputs,
)
from edgebin.graph.ir import Graph, Node


def raise_batch_norm(graph: Graph) -> Graph:
    """Apply the pass until no batch norm is left to move."""
    while True:
        raised = _once(graph)
        if raised is None:
            return graph
        graph = raised


def _once(graph: Graph) -> Graph | None:
    makers = producers(graph)
    for node in graph.nodes:
        if node.op == BATCH_NORM and _is_behind_layer(graph, makers, node):
            return _swap(graph, makers[node.inputs[0]], node)
    return None


def _is_behind_layer(graph: Graph, makers: dict[str, Node], norm: Node) -> bool:
    reader, chain = norm, 0
    while (maker := makers.get(reader.inputs[0])) is not None:
        if sole_user(graph, maker.name) is not reader:
            return False
        if is_product(maker):
            return chain > 0
        if not _keeps_channels(maker):
            return False
        reader, chain = maker, chain + 1
    return False


def _keeps_channels(node: Node) -> bool:
    """Return whether each of its channels comes from channels that nothing else comes from."""
    cut = any(key.startswith("c_") for key in node.attributes)
    return node.op == "depth_to_space" or (node.op == "slice" and not cut)


def _swap(graph: Graph, mover: Node, norm: Node) -> Graph:
    """Swap the two; readers of the batch norm's value then read the mover's."""
    kept = graph.with_nodes(tuple(node for node in graph.nodes if node is not mover))
    count = mover.attributes["block"] ** 2 if mover.op == "depth_to_space" else 1
    constants = {role: np.repeat(values, count) for role, values in norm.constants.items()}
    before = replace(norm, inputs=mover.inputs, constants=constants)
    swapped = (before, with_inputs(mover, norm.name))
    redirected = redirect(kept, {norm.name: mover.name})
    return rewrite(redirected, lambda node: swapped if node.name == norm.name else (node,))
