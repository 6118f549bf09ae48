"""Puts HWGQ and the new layers into the graph; the function stays the same up to quantisation.

Before:  x -> batch norm (gain, shift) -> relu -> conv W
After:   x -> batch norm (gain / s, shift / s) -> HWGQ -> conv W s

for a scale s > 0 of each channel. If something else reads the batch norm or the ReLU, or if there
is no batch norm, a new batch norm that computes x / s on the calibration images is inserted. Layers
keep their names; new ones have the name of the ReLU with `_norm` or `_hwgq` appended, and a number
where one ReLU module is called several times.

Ensures: every layer that the plan calls quantised reads HWGQ, through nothing but operations that
keep its levels.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.fx import GraphModule, Node

from edgebin.converter.kinds import ACTIVATIONS, inputs_of, kind_of, module_of, path_of
from edgebin.converter.plan import Plan, Planned
from edgebin.converter.report import ConvertedLayer
from edgebin.converter.scale import Scale
from edgebin.converter.scaled_norm import inserted_norm, norm_before, scale_norm
from edgebin.converter.trace import shape_of
from edgebin.nn.hwgq import HWGQ

MakeHWGQ = Callable[[], HWGQ]

_HWGQ = "_hwgq"


def rewrite(
    graph: GraphModule, planned: Plan, scales: Mapping[str, Scale], *, activation: MakeHWGQ
) -> list[ConvertedLayer]:
    """Change the graph and its modules in place; the rows of the report, in order."""
    branches = _Branches(graph, scales, activation)
    order = {node: index for index, node in enumerate(graph.graph.nodes)}
    rows = [(order[item.node], _row(graph, item)) for item in planned.products]
    for item in planned.products:
        if item.quantised:
            (read,) = inputs_of(item.node)
            _scale_weight(graph.get_submodule(str(item.node.target)), branches.scale(read))
            item.node.replace_input_with(read, branches.quantised(read))
    for item in planned.products:
        _replace(graph, item)
    was = {relu: ACTIVATIONS[kind_of(graph, relu)] for relu in branches.made}
    graph.graph.eliminate_dead_code()
    for relu, made in branches.made.items():
        why = _scale_before(graph, made, scales[relu.name], planned.keep)
        rows.append((order[relu], ConvertedLayer(path_of(relu), was[relu], "HWGQ", why)))
    graph.graph.lint()
    graph.recompile()
    graph.delete_all_unused_submodules()
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


class _Branches:
    """The values that quantised products read, each made once."""

    def __init__(
        self, graph: GraphModule, scales: Mapping[str, Scale], activation: MakeHWGQ
    ) -> None:
        self._graph, self._scales, self._activation = graph, scales, activation
        self.made: dict[Node, Node] = {}
        self._copies: dict[Node, Node] = {}

    def scale(self, read: Node) -> Tensor:
        """Return the scale of each channel or feature of a value that is to be quantised."""
        if read.name in self._scales:
            return self._scales[read.name].values
        scales = [self.scale(value) for value in inputs_of(read)]
        if len(scales) > 1:
            return torch.cat(scales)
        if kind_of(self._graph, read) == "shuffle":
            module = module_of(self._graph, read)
            groups = read.args[1:2] or (read.kwargs.get("groups"),)
            (count,) = groups if module is None else (module.groups,)
            return F.channel_shuffle(scales[0].reshape(1, -1, 1, 1), cast(int, count)).reshape(-1)
        before, after = shape_of(inputs_of(read)[0]), shape_of(read)
        if len(before) > 2 and len(after) == 2:
            return scales[0].repeat_interleave(after[1] // before[1])
        return scales[0]

    def quantised(self, read: Node) -> Node:
        """Return the value with HWGQ in place of each ReLU."""
        if kind_of(self._graph, read) in ACTIVATIONS:
            if read not in self.made:
                name = _new_name(self._graph, path_of(read))
                self._graph.add_submodule(name, self._activation().eval())
                with self._graph.graph.inserting_after(read):
                    self.made[read] = self._graph.graph.call_module(name, (inputs_of(read)[0],))
                self.made[read].meta = dict(read.meta)
            return self.made[read]
        if read not in self._copies:
            inputs = {value: self.quantised(value) for value in inputs_of(read)}
            with self._graph.graph.inserting_after(read):
                copied = self._graph.graph.node_copy(read, lambda value: inputs.get(value, value))
            self._copies[read] = copied
        return self._copies[read]


def _scale_before(graph: GraphModule, made: Node, scale: Scale, keep: Collection[str]) -> str:
    """Scale the input of a HWGQ; return what was done, for the report."""
    norm = norm_before(graph, made, keep)
    if norm is not None:
        scale_norm(graph, norm, scale)
        return f'for binary layers; its scale is folded into "{norm.target}"'
    name = str(made.target).removesuffix(_HWGQ) + "_norm"
    (read,) = inputs_of(made)
    graph.add_submodule(name, inserted_norm(scale, rank=len(shape_of(made))))
    with graph.graph.inserting_before(made):
        inserted = graph.graph.call_module(name, (read,))
    inserted.meta = dict(made.meta)
    made.replace_input_with(read, inserted)
    return f'for binary layers; its scale is in a new batch norm "{name}"'


def _scale_weight(module: nn.Module, scale: Tensor) -> None:
    """Multiply the weights of each input channel by its scale."""
    assert isinstance(module, nn.Conv2d | nn.Linear)
    if isinstance(module, nn.Linear):
        module.weight.data = module.weight.data * scale
        return
    out, share = module.weight.shape[:2]
    groups = scale.reshape(module.groups, 1, share).expand(-1, out // module.groups, -1)
    module.weight.data = module.weight.data * groups.reshape(out, share, 1, 1)


def _replace(graph: GraphModule, item: Planned) -> None:
    old = graph.get_submodule(str(item.node.target))
    if type(old) is item.kind:
        return
    new = _like(old, item.kind).train(old.training)
    new.register_parameter("weight", cast(nn.Parameter, old.weight))
    new.register_parameter("bias", cast("nn.Parameter | None", old.bias))
    graph.set_submodule(str(item.node.target), new)


def _like(old: nn.Module, kind: type[nn.Module]) -> nn.Module:
    """Return a layer of another class with the same geometry and no parameters yet."""
    if isinstance(old, nn.Linear):
        return kind(old.in_features, old.out_features, bias=False, device="meta")
    assert isinstance(old, nn.Conv2d)
    return kind(
        old.in_channels,
        old.out_channels,
        old.kernel_size,
        old.stride,
        old.padding,
        old.dilation,
        old.groups,
        bias=False,
        device="meta",
    )


def _row(graph: GraphModule, item: Planned) -> ConvertedLayer:
    was = type(graph.get_submodule(str(item.node.target))).__name__
    return ConvertedLayer(str(item.node.target), was, item.kind.__name__, item.why)


def _new_name(graph: GraphModule, path: str) -> str:
    """Return a name for a HWGQ in place of a ReLU that is free with `_norm` appended too."""
    taken = {name for name, _ in graph.named_modules()}
    bases = [path, *(f"{path}_{count}" for count in range(2, len(taken) + 3))]
    return next(base + _HWGQ for base in bases if not taken & {base + _HWGQ, base + "_norm"})
