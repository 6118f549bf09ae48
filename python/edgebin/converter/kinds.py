"""Classifies the calls of a graph, whether written as module, function or method.

Only calls that matter to a conversion have a kind; all others are "other" and stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Literal

import torch
import torch.nn.functional as F
from torch import nn
from torch.fx import GraphModule, Node

from edgebin.converter.trace import shape_of
from edgebin.graph.ops import OPS

Kind = Literal[
    "conv",
    "linear",
    "batch_norm",
    "relu",
    "relu6",
    "max_pool",
    "flatten",
    "concat",
    "resize",
    "border",
    "shuffle",
    "same",
    "other",
]

ACTIVATIONS: Mapping[Kind, str] = {"relu": "ReLU", "relu6": "ReLU6"}
OPERATORS: Mapping[Kind, tuple[str, ...]] = {
    "conv": ("conv",),
    "linear": ("linear",),
    "relu": ("relu",),
    "max_pool": ("max_pool", "adaptive_max_pool"),
    "flatten": ("flatten",),
    "concat": ("concat",),
    "resize": ("resize_nearest",),
    "border": ("pad",),
    "shuffle": ("take_channels",),
}
"""The operators that calls of a kind are exported as; the others are folded, dropped or refused."""

LEFT = ("slice", "reshape", "transpose", "depth_to_space", "space_to_depth")
"""Operators that move codes, of calls which conversion does not look through.

They may bring channels together, each of which has a scale of its own.
"""

PRODUCTS = tuple(
    kind for kind, names in OPERATORS.items() if all(OPS[name].facts.is_product for name in names)
)
"""Products: the kinds of calls that multiply by weights."""

MOVES_CODES: tuple[Kind, ...] = (
    "same",
    *(kind for kind, names in OPERATORS.items() if all(OPS[n].facts.moves_codes for n in names)),
)
"""Kinds of calls that make levels of HWGQ of levels: maxima, rearrangements, dropout."""

_MODULES: dict[type[nn.Module], Kind] = {
    nn.BatchNorm1d: "batch_norm",
    nn.BatchNorm2d: "batch_norm",
    nn.ReLU: "relu",
    nn.ReLU6: "relu6",
    nn.MaxPool2d: "max_pool",
    nn.AdaptiveMaxPool2d: "max_pool",
    nn.Flatten: "flatten",
    nn.Upsample: "resize",
    nn.UpsamplingNearest2d: "resize",
    nn.ZeroPad2d: "border",
    nn.ReflectionPad2d: "border",
    nn.ReplicationPad2d: "border",
    nn.CircularPad2d: "border",
    nn.ChannelShuffle: "shuffle",
    nn.Identity: "same",
    nn.Dropout: "same",
    nn.Dropout2d: "same",
}
_FUNCTIONS: dict[object, Kind] = {
    F.relu: "relu",
    torch.relu: "relu",
    F.relu6: "relu6",
    F.max_pool2d: "max_pool",
    torch.max_pool2d: "max_pool",
    F.adaptive_max_pool2d: "max_pool",
    torch.flatten: "flatten",
    torch.reshape: "flatten",
    torch.squeeze: "flatten",
    F.interpolate: "resize",
    F.pad: "border",
    torch.channel_shuffle: "shuffle",
    F.channel_shuffle: "shuffle",
    torch.cat: "concat",
    torch.concat: "concat",
}
_METHODS: dict[str, Kind] = {
    "relu": "relu",
    "flatten": "flatten",
    "view": "flatten",
    "reshape": "flatten",
    "squeeze": "flatten",
    "contiguous": "same",
}


def module_of(graph: GraphModule, node: Node) -> nn.Module | None:
    """Return the module that a node calls, None if it calls no module."""
    return graph.get_submodule(str(node.target)) if node.op == "call_module" else None


def kind_of(graph: GraphModule, node: Node) -> Kind:
    """Return the kind of a call.

    Subclasses of layers count only for convolutions and linear layers.
    """
    kind: Kind = "other"
    if node.op == "call_module":
        module = graph.get_submodule(str(node.target))
        if isinstance(module, nn.Conv2d):
            return "conv"
        if isinstance(module, nn.Linear):
            return "linear"
        kind = _MODULES.get(type(module), "other")
    elif node.op == "call_function":
        kind = _FUNCTIONS.get(node.target, "other")
    elif node.op == "call_method":
        kind = _METHODS.get(str(node.target), "other")
    if kind == "resize" and not _takes_nearest(graph, node):
        return "other"
    if kind == "border" and not _adds_codes(node):
        return "other"
    if kind == "flatten" and not _flattens(node):
        return "other"
    if kind == "concat" and not _joins_channels(node):
        return "other"
    if kind == "max_pool" and not shape_of(node):  # it gives indices too
        return "other"
    return kind


def inputs_of(node: Node) -> list[Node]:
    """Return the values that a call reads: its first argument, or all that it concatenates."""
    found = node.args[0] if node.args else node.kwargs.get("input", node.kwargs.get("tensors"))
    several = found if isinstance(found, list | tuple) else [found]
    return [value for value in several if isinstance(value, Node)]


def described(graph: GraphModule, node: Node) -> str:
    """Return a call in words, for a report."""
    if node.op == "placeholder":
        return "the image"
    module = module_of(graph, node)
    if module is not None:
        return f'{type(module).__name__} "{node.target}"'
    return f"{node.name.rstrip('_0123456789')}()"


def is_in(name: str, modules: Collection[str]) -> bool:
    """Return whether a module is one of these or inside one of them."""
    return any(name == other or name.startswith(f"{other}.") for other in modules)


def has_hooks(module: nn.Module) -> bool:
    """Return whether a module has hooks, which a new module in its place would not have."""
    return bool(module._forward_hooks or module._forward_pre_hooks)


def is_fixed(graph: GraphModule, node: Node, keep: Collection[str]) -> bool:
    """Return whether a call must stay: it is in a module to keep, or its module has hooks."""
    module = module_of(graph, node)
    return (module is not None and has_hooks(module)) or is_in(path_of(node), keep)


def path_of(node: Node) -> str:
    """Return the name of a ReLU: its module's, or "relu" in the module that calls the function."""
    if node.op == "call_module":
        return str(node.target)
    stack = [str(path) for path, _ in (node.meta.get("nn_module_stack") or {}).values()]
    return f"{stack[-1]}.relu" if stack and stack[-1] else "relu"


def _given(node: Node, index: int, name: str, default: object) -> object:
    return node.args[index] if len(node.args) > index else node.kwargs.get(name, default)


def _takes_nearest(graph: GraphModule, node: Node) -> bool:
    module = module_of(graph, node)
    mode = getattr(module, "mode", None) or _given(node, 3, "mode", "nearest")
    return mode in ("nearest", "nearest-exact") and len(shape_of(node)) == 4


def _adds_codes(node: Node) -> bool:
    """Return whether a padding of rows and columns adds zeros or values of its input."""
    if node.op == "call_module":
        return True
    pads, value = _given(node, 1, "pad", ()), _given(node, 3, "value", None)
    spatial = isinstance(pads, tuple | list) and len(pads) <= 4 and len(shape_of(node)) == 4
    return spatial and value in (None, 0)


def _flattens(node: Node) -> bool:
    before, after = shape_of(inputs_of(node)[0]), shape_of(node)
    return len(before) > 0 and after == (before[0], math.prod(before[1:]))


def _joins_channels(node: Node) -> bool:
    inputs = inputs_of(node)
    given = node.args[1] if len(node.args) > 1 else node.kwargs.get("dim", 0)
    return isinstance(given, int) and given % max(1, len(shape_of(inputs[0]))) == 1
