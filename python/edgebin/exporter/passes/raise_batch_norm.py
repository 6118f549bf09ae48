"""Move batch norms before what sorts the result of a layer into rows and columns.

Before:  conv -> depth_to_space(b) -> slice of rows and columns -> batch_norm
After:   conv -> batch_norm, each channel's numbers b b times -> depth_to_space(b) -> slice

That is what a transposed convolution with a stride is made of; its batch norm then folds into the
convolution.

Ensures: no batch norm is the sole reader of such a chain behind a layer; the same reals.
"""

from __future__ import annotations

import numpy as np

from edgebin.exporter.dialect import BATCH_NORM, is_product, sole_user, with_constants
from edgebin.exporter.passes.swap import Makers, raise_all
from edgebin.graph.ir import Graph, Node


def raise_batch_norm(graph: Graph) -> Graph:
    """Apply the pass until no batch norm is left to move."""
    return raise_all(graph, _is_behind_layer, _before)


def _is_behind_layer(graph: Graph, makers: Makers, norm: Node) -> bool:
    if norm.op != BATCH_NORM:
        return False
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


def _before(norm: Node, mover: Node) -> Node:
    """Return the batch norm of the channels that `mover` reads."""
    count = mover.attributes["block"] ** 2 if mover.op == "depth_to_space" else 1
    repeated = {role: np.repeat(values, count) for role, values in norm.constants.items()}
    return with_constants(norm, **repeated)
