"""Brings the graph into one canonical form before anything is decided; the function stays the same.

Before:  x.relu_(), nn.ReLU(inplace=True)         After:  a new value, which later readers read
Before:  x.clamp(min=0) and the like               After:  F.relu(x) (`relu_spellings.py`)
Before:  x.view(x.size(0), -1)                    After:  torch.flatten(x, 1)
Before:  F.dropout(x, p, training=...)            After:  nn.Dropout(p), which follows train()
Before:  an adaptive average pool to its input's own size    After:  nothing
Before:  relu -> max_pool                         After:  max_pool -> relu, which commute

Ensures: the input of a ReLU is never overwritten; a ReLU that only a max pool reads comes after it,
so that all readers of the pool share the ReLU.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.fx import GraphModule, Node

from edgebin.converter.kinds import ACTIVATIONS, inputs_of, is_fixed, kind_of, module_of
from edgebin.converter.relu_spellings import use_one_spelling
from edgebin.converter.trace import SHAPE, shape_of


def canonicalize(graph: GraphModule) -> None:
    """Change the graph and its modules in place."""
    order = {node: index for index, node in enumerate(graph.graph.nodes)}
    for node in list(graph.graph.nodes):
        if _made_plain(graph, node):
            _let_later_readers_see(node, order)
    for node in list(graph.graph.nodes):
        use_one_spelling(graph, node)
        _simplify(graph, node)
    while any(_raised(graph, node) for node in list(graph.graph.nodes)):
        pass
    graph.graph.eliminate_dead_code()
    graph.recompile()


def _made_plain(graph: GraphModule, node: Node) -> bool:
    """Make a call in place one that is not; whether it was one."""
    module = module_of(graph, node)
    if module is not None:
        return bool(getattr(module, "inplace", False))
    if node.op == "call_function" and node.kwargs.get("inplace"):
        node.kwargs = {**node.kwargs, "inplace": False}
        return True
    name = str(getattr(node.target, "__name__", node.target))
    plain = name.removesuffix("_")
    if name == plain or name.endswith("__") or not hasattr(Tensor, plain):
        return False
    if node.op == "call_method":
        node.target = plain
    elif node.op == "call_function" and hasattr(torch, plain):
        node.target = getattr(torch, plain)
    else:
        return False
    return True


def _let_later_readers_see(node: Node, order: dict[Node, int]) -> None:
    for value in inputs_of(node)[:1]:
        for reader in list(value.users):
            if order[reader] > order[node]:
                reader.replace_input_with(value, node)


def _simplify(graph: GraphModule, node: Node) -> None:
    module = module_of(graph, node)
    if hasattr(module, "inplace"):
        module.inplace = False  # type: ignore[union-attr]
    if node.target in (F.dropout, F.dropout2d):
        _as_module(graph, node)
    elif isinstance(module, nn.AdaptiveAvgPool2d) or node.target is F.adaptive_avg_pool2d:
        if shape_of(node) == shape_of(inputs_of(node)[0]):
            node.replace_all_uses_with(inputs_of(node)[0])
            graph.graph.erase_node(node)
    elif kind_of(graph, node) == "flatten":
        node.op, node.target = "call_function", torch.flatten
        node.args, node.kwargs = (inputs_of(node)[0], 1), {}


def _as_module(graph: GraphModule, node: Node) -> None:
    given = node.args[1] if len(node.args) > 1 else node.kwargs.get("p", 0.5)
    assert isinstance(given, int | float)
    made = nn.Dropout2d(given) if node.target is F.dropout2d else nn.Dropout(given)
    name = f"{node.name}_module"
    graph.add_submodule(name, made.eval())
    value = inputs_of(node)[0]
    node.op, node.target, node.args, node.kwargs = "call_module", name, (value,), {}


def _raised(graph: GraphModule, pool: Node) -> bool:
    """Move the ReLU that a max pool reads behind it, if nothing else reads the ReLU."""
    if kind_of(graph, pool) != "max_pool":
        return False
    relu = inputs_of(pool)[0]
    if kind_of(graph, relu) not in ACTIVATIONS or list(relu.users) != [pool]:
        return False
    if is_fixed(graph, pool, ()) or is_fixed(graph, relu, ()):  # hooks would see other values
        return False
    pool.replace_input_with(relu, inputs_of(relu)[0])
    with graph.graph.inserting_after(pool):
        moved = graph.graph.node_copy(relu, lambda _: pool)
    moved.meta = {**relu.meta, SHAPE: shape_of(pool)}
    pool.replace_all_uses_with(moved, delete_user_cb=lambda user: user is not moved)
    graph.graph.erase_node(relu)
    return True
