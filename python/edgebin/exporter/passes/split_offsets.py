"""Write each `dequantize` with an offset as the two operators that the file has.

Before:  c -> dequantize(step, offset) -> y
After:   c -> dequantize(step) -> affine(1, offset) -> y

`affine` has a constant for each channel, and only what `store` gives has types and so channels.

Ensures: no `dequantize` has an offset.
"""

from __future__ import annotations

import numpy as np

from edgebin.exporter.dialect import rewrite, without_constants
from edgebin.graph.ir import Graph, Node
from edgebin.graph.ops import infer_types


def split_offsets(graph: Graph) -> Graph:
    """Apply the pass."""
    if not any("offset" in node.constants for node in graph.nodes):
        return graph
    bare = rewrite(graph, lambda node: (without_constants(node, "offset"),))
    types = infer_types(bare)

    def rule(node: Node) -> tuple[Node, ...]:
        if "offset" not in node.constants:
            return (node,)
        channels = types[node.name].shape[2]
        steps = Node(
            "dequantize", f"{node.name}#steps", node.inputs, {"step": node.constants["step"]}
        )
        constants = {
            "scale": np.ones(channels, np.float32),
            "bias": np.full(channels, node.constants["offset"][0], np.float32),
        }
        return (steps, Node("affine", node.name, (steps.name,), constants))

    return rewrite(graph, rule)
