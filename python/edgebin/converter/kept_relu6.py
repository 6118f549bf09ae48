"""Replaces each ReLU6 that stays by ReLU: the runtime has no clip at 6.

The report says so; behind a batch norm, values above 6 are rare. A ReLU6 that became HWGQ keeps its
clip, since HWGQ has a highest level and its scale was chosen with the clip.
"""

from __future__ import annotations

from collections.abc import Collection

import torch.nn.functional as F
from torch.fx import GraphModule, Node

from edgebin.converter.kinds import inputs_of, is_fixed, kind_of, path_of
from edgebin.converter.report import ConvertedLayer


def without_clip(graph: GraphModule, keep: Collection[str]) -> list[tuple[Node, ConvertedLayer]]:
    """Change the graph in place; a row for each ReLU6 that was left, and is not to be kept."""
    rows: list[tuple[Node, ConvertedLayer]] = []
    for node in graph.graph.nodes:
        if kind_of(graph, node) == "relu6" and not is_fixed(graph, node, keep):
            why = "gives real values, and the runtime has no clip at 6"
            rows.append((node, ConvertedLayer(path_of(node), "ReLU6", "ReLU", why)))
            value = inputs_of(node)[0]
            node.op, node.target, node.args, node.kwargs = "call_function", F.relu, (value,), {}
    return rows
