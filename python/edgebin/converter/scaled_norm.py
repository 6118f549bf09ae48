"""The batch norm before a HWGQ: an existing one that takes the scale, or a new one."""

from __future__ import annotations

from collections.abc import Collection

from torch import nn
from torch.fx import GraphModule, Node

from edgebin.converter.kinds import inputs_of, is_fixed, kind_of, module_of
from edgebin.converter.scale import Scale


def norm_before(graph: GraphModule, hwgq: Node, keep: Collection[str]) -> Node | None:
    """Return the batch norm that only this HWGQ reads, through max pools at most, or None.

    One that is to be kept, has hooks, shares its parameters with another or computes them is none.
    """
    node = hwgq
    while True:
        (read,) = inputs_of(node)
        if list(read.users) != [node]:
            return None
        if kind_of(graph, read) == "batch_norm":
            calls = [other for other in graph.graph.nodes if other.target == read.target]
            free = not is_fixed(graph, read, keep) and _owns(graph, str(read.target))
            return read if len(calls) == 1 and free else None
        if kind_of(graph, read) != "max_pool" or is_fixed(graph, read, ()):
            return None
        node = read


def _owns(graph: GraphModule, name: str) -> bool:
    """Return whether gain and shift are parameters of this batch norm and of no other module."""
    mine = graph.get_submodule(name)
    owned = {id(value) for value in mine.parameters(recurse=False)}
    if {id(value) for value in (mine.weight, mine.bias) if value is not None} != owned:
        return False  # pruning makes the weight of another parameter, at every call
    return not any(
        id(value) in owned
        for other in graph.modules()
        if other is not mine
        for value in other.parameters(recurse=False)
    )


def scale_norm(graph: GraphModule, node: Node, scale: Scale) -> None:
    """Divide what a batch norm gives by the scale; one without gain and shift gets them."""
    norm = module_of(graph, node)
    assert isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d)
    if not norm.affine:
        kind = type(norm)
        made = kind(norm.num_features, norm.eps, norm.momentum, True, norm.track_running_stats)
        made = made.to(scale.values)
        made.load_state_dict(norm.state_dict(), strict=False)
        graph.set_submodule(str(node.target), made.train(norm.training))
        norm = made
    norm.weight.data = norm.weight.data / scale.values
    norm.bias.data = norm.bias.data / scale.values


def inserted_norm(scale: Scale, *, rank: int) -> nn.BatchNorm1d | nn.BatchNorm2d:
    """Return a batch norm that computes x / scale, with the moments of x as its statistics.

    Args:
        scale: of each channel.
        rank: of x, 2 or 4.
    """
    kind = nn.BatchNorm1d if rank == 2 else nn.BatchNorm2d
    norm = kind(scale.values.numel()).to(scale.values)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.copy_(scale.mean)
    norm.running_var.copy_(scale.variance)
    norm.weight.data = (scale.variance + norm.eps).sqrt() / scale.values
    norm.bias.data = scale.mean / scale.values
    return norm.eval()
