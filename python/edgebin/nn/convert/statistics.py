"""Statistics of the batch norms that stand behind something that was quantised.

Each is measured on the calibration pictures, in one run in which the batch norms before it use
the statistics of the batch. Their gains and shifts stay, so each channel keeps the mean and the
deviation that HWGQ's scale was chosen for, whatever binary weights did to the sums. Batch norms
that nothing has changed keep what they learned from the whole training set.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.fx import GraphModule, Node

from edgebin.nn.convert.kinds import module_of
from edgebin.nn.convert.trace import OURS


def recalibrate(graph: GraphModule, batches: Sequence[Tensor]) -> None:
    """Measure anew; the graph's modules are changed in place."""
    norms = _behind_quantised(graph)
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # every batch counts the same
        norm.train()
    for batch in batches:
        graph(batch)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
        norm.eval()


def _behind_quantised(graph: GraphModule) -> list[nn.BatchNorm1d | nn.BatchNorm2d]:
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
