"""Finds the batch norms behind quantised layers, whose statistics have to be measured again.

Their gains and shifts stay, so each channel keeps the mean and the deviation that HWGQ's scale was
chosen for, however binary weights change the sums. Batch norms whose input has not changed keep the
statistics of the whole training set.
"""

from __future__ import annotations

from torch import nn
from torch.fx import GraphModule, Node

from edgebin.converter.kinds import module_of
from edgebin.converter.trace import OURS


def norms_behind_quantised(graph: GraphModule) -> list[nn.BatchNorm1d | nn.BatchNorm2d]:
    """Return those that keep running statistics, in the order of the graph."""
    changed: set[Node] = set()
    norms: dict[nn.BatchNorm1d | nn.BatchNorm2d, None] = {}
    for node in graph.graph.nodes:
        module = module_of(graph, node)
        if not isinstance(module, OURS) and changed.isdisjoint(node.all_input_nodes):
            continue
        changed.add(node)
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d) and module.track_running_stats:
            norms[module] = None
    return list(norms)
