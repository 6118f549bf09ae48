"""Decides which layer becomes what, and why a layer stays as it is.

A convolution or linear layer becomes binary if every value that it reads comes from a ReLU, through
pools, dropout, flattening and concatenation at most. First layers (those that read the image) and
last layers (those that no other layer follows) keep more bits. The graph is not changed here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from torch import nn
from torch.fx import GraphModule, Node

from edgebin.converter.kinds import (
    ACTIVATIONS,
    MOVES_CODES,
    PRODUCTS,
    described,
    has_hooks,
    inputs_of,
    is_in,
    kind_of,
    module_of,
)
from edgebin.converter.trace import shape_of
from edgebin.errors import ExportError
from edgebin.nn.binary import BinaryConv2d, BinaryLinear
from edgebin.nn.int8 import Int8Conv2d, Int8Linear
from edgebin.nn.padding import PaddingError, captured_padding

EndKind = Literal["int8", "float32"]

_BINARY: dict[type[nn.Module], type[nn.Conv2d | nn.Linear]] = {
    nn.Conv2d: BinaryConv2d,
    nn.Linear: BinaryLinear,
}
_INT8: dict[type[nn.Module], type[nn.Conv2d | nn.Linear]] = {
    nn.Conv2d: Int8Conv2d,
    nn.Linear: Int8Linear,
}
_NAMED = 3
"""Layers that the error of a network without any to convert tells about."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a product, a convolution or linear layer, becomes.

    Attributes:
        node: its call.
        kind: class of the new layer.
        quantised: whether it reads HWGQ.
        why: for the report.
    """

    node: Node
    kind: type[nn.Module]
    quantised: bool
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Products in the order of execution, the ReLUs that binary ones read, modules to keep."""

    products: tuple[Planned, ...]
    sources: tuple[Node, ...]
    keep: Collection[str]


def plan(
    graph: GraphModule, *, first: EndKind, last: EndKind, keep: Collection[str], binary: bool
) -> Plan:
    """Decide for every product; without `binary`, only activations are quantised.

    Raises:
        ExportError: there is nothing to convert.
    """
    nodes = [node for node in graph.graph.nodes if kind_of(graph, node) in PRODUCTS]
    kind = graph.__class__.__name__
    if not nodes:
        raise ExportError(
            f"{kind}: expected torch.nn.Conv2d or torch.nn.Linear layers, found none of them"
        )
    calls = Counter(str(node.target) for node in nodes)
    products: list[Planned] = []
    sources: dict[Node, None] = {}
    for node in nodes:
        module, name = graph.get_submodule(str(node.target)), str(node.target)
        reason, found = _reason(graph, node, calls[name], keep), list[Node]()
        end = _end(graph, node, first, last)
        if not reason and end is None:
            found, reason = _sources(graph, node, keep)
        if reason:
            products.append(Planned(node, type(module), False, reason))
        elif end is not None:
            became = _INT8[type(module)] if end[0] == "int8" else type(module)
            products.append(Planned(node, became, False, end[1]))
        else:
            became = _BINARY[type(module)] if binary else type(module)
            products.append(Planned(node, became, True, "" if binary else "reads HWGQ"))
            sources.update(dict.fromkeys(found))
    if not sources:
        whys = [f'"{row.node.target}": {row.why}' for row in products]
        others = [f"and {len(whys) - _NAMED} more"] if len(whys) > _NAMED else []
        raise ExportError(
            f"{kind}: expected a layer that can be binary, found "
            + "; ".join([*whys[:_NAMED], *others])
        )
    ordered = tuple(node for node in graph.graph.nodes if node in sources)
    return Plan(tuple(products), ordered, keep)


def _reason(graph: GraphModule, node: Node, calls: int, keep: Collection[str]) -> str:
    """Return why a layer must stay as it is whatever it reads; empty if it need not."""
    module, name = graph.get_submodule(str(node.target)), str(node.target)
    if is_in(name, keep):
        return "listed in keep"
    if type(module) not in _BINARY:
        return f"a {type(module).__name__}, not a plain torch.nn layer"
    if "weight" not in dict(module.named_parameters(recurse=False)):
        return "its weight is computed from other parameters, as by pruning or weight norm"
    if has_hooks(module):
        return "has hooks, which a new layer would not have"
    if calls > 1:
        return f"called {calls} times, perhaps with inputs of different scales"
    if _sharers(graph, module) > 1:
        return "shares its weight with another layer"
    if isinstance(module, nn.Conv2d):
        try:
            captured_padding(module)
        except PaddingError as error:
            return f"has {error.found}, which the runtime lacks"
    elif len(shape_of(inputs_of(node)[0])) != 2:
        return f"its input has the shape {shape_of(inputs_of(node)[0])}, not (N, features)"
    return ""


def _sharers(graph: GraphModule, module: nn.Module) -> int:
    """Return how many modules hold the weight of a layer."""
    weights = [getattr(other, "weight", None) for other in graph.modules()]
    return sum(weight is module.weight for weight in weights)


def _end(
    graph: GraphModule, node: Node, first: EndKind, last: EndKind
) -> tuple[EndKind, str] | None:
    """Return the kind and the role of a first or last layer, None for others."""
    if _meets(graph, node, forwards=False):
        return first, "first: reads the image"
    if _meets(graph, node, forwards=True):
        return last, "last: makes the output"
    return None


def _meets(graph: GraphModule, start: Node, *, forwards: bool) -> bool:
    """Return whether a path from a layer reaches the output without passing another layer."""
    seen: set[Node] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        for other in node.users if forwards else node.all_input_nodes:
            if other.op == ("output" if forwards else "placeholder"):
                return True
            if other not in seen and kind_of(graph, other) not in PRODUCTS:
                seen.add(other)
                waiting.append(other)
    return False


def _sources(graph: GraphModule, product: Node, keep: Collection[str]) -> tuple[list[Node], str]:
    """Return the ReLUs that a layer reads, and why it cannot be binary, if it cannot."""
    found: list[Node] = []
    waiting = inputs_of(product)
    while waiting:
        node = waiting.pop()
        kind = kind_of(graph, node)
        if kind in ACTIVATIONS and len(shape_of(node)) not in (2, 4):
            return [], f"its input is a ReLU of shape {shape_of(node)}, not of images or vectors"
        module = module_of(graph, node)
        if module is not None and has_hooks(module):
            return [], f"its input comes from {described(graph, node)}, which has hooks"
        if kind in ACTIVATIONS and module is not None and str(node.target) in keep:
            return [], f"its input comes from {described(graph, node)}, which is listed in keep"
        if kind in ACTIVATIONS:
            found.append(node)
        elif kind in MOVES_CODES:
            waiting.extend(inputs_of(node))
        else:
            return [], f"its input comes from {described(graph, node)}, not from a ReLU"
    return found, ""
