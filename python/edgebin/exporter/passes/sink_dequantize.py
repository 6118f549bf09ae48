"""Let operators read codes wherever they can, by moving each dequantize down the graph.

Before:  c -> dequantize(step) -> max_pool | flatten | relu -> y
After:   c -> max_pool | flatten | (nothing) -> dequantize(step) -> y
Before:  c_i -> dequantize(step), each -> concat -> y
After:   c_i -> concat -> dequantize(step) -> y
Before:  c -> dequantize(step) -> conv | linear (s8 or bit), scale a
After:   c -> conv | linear, scale a step

The value of a code is step x code with step > 0. Operators that move codes and ReLU commute with
that factor, and a convolution or linear layer takes it into its scale. A real constant that an
operator adds to what it moves, such as a border other than 0, has no code: then nothing changes.

Ensures: no operator that could read codes reads a `dequantize`. Some of those are then unread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from edgebin.exporter.dialect import (
    facts_of,
    is_product,
    producers,
    reals,
    with_constants,
    with_inputs,
)
from edgebin.graph.ir import Graph, Node


def sink_dequantize(graph: Graph) -> Graph:
    """Apply the pass in one sweep: nodes come in the order of execution."""
    makers = producers(graph)
    renamed: dict[str, str] = {}
    nodes: list[Node] = []
    for original in graph.nodes:
        node = with_inputs(original, *(renamed.get(name, name) for name in original.inputs))
        reals_read = [makers.get(name) for name in node.inputs]
        for new in _sink(node, [maker for maker in reals_read if _is_dequantize(maker)]):
            nodes.append(new)
            makers[new.name] = new
        if nodes[-1].name != node.name:
            renamed[node.name] = nodes[-1].name
    outputs = tuple(renamed.get(name, name) for name in graph.outputs)
    return replace(graph, nodes=tuple(nodes), outputs=outputs)


def _is_dequantize(node: Node | None) -> bool:
    return node is not None and node.op == "dequantize"


def _sink(node: Node, sources: list[Node | None]) -> Iterable[Node]:
    """Return the nodes that replace `node`; the last one makes its value."""
    first = sources[0] if sources else None
    if first is None or len(sources) != len(node.inputs) or not _one_step(sources):
        return (node,)
    codes = tuple(source.inputs[0] for source in sources if source is not None)
    if is_product(node) and node.constants["weights"].dtype != np.float32:
        scale = reals(node, "scale") * reals(first, "step")[0]
        return (with_inputs(with_constants(node, scale=scale), *codes),)
    if node.op == "relu":
        return (Node("dequantize", f"{node.name}#reals", codes, first.constants),)
    if facts_of(node).moves_codes and not _has_reals(node):
        moved = with_inputs(node, *codes)
        return (moved, Node("dequantize", f"{node.name}#reals", (node.name,), first.constants))
    return (node,)


def _has_reals(node: Node) -> bool:
    return any(constant.dtype.kind == "f" for constant in node.constants.values())


def _one_step(sources: list[Node | None]) -> bool:
    steps = {float(reals(source, "step")[0]) for source in sources if source is not None}
    return len(steps) == 1
