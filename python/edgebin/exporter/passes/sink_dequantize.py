"""Let operators read codes wherever they can, by moving each dequantize down the graph.

Before:  c -> dequantize(step, offset) -> max_pool | flatten -> y
After:   c -> max_pool | flatten -> dequantize(step, offset) -> y
Before:  c_i -> dequantize(step, offset), each -> concat -> y
After:   c_i -> concat -> dequantize(step, offset) -> y
Before:  c -> dequantize(step, offset) -> relu, where offset >= 0 -> y
After:   c -> dequantize(step, offset) -> y
Before:  c -> dequantize(step, offset) -> affine(g, h), g > 0 and h the same for each channel -> y
After:   c -> dequantize(g step, g offset + h) -> y
Before:  c -> dequantize(step, offset) -> conv | linear (s8 or bit), scale a, bias b
After:   c -> conv | linear, scale a step, bias b + a offset sum of the channel's weights

The level of a code is step x code + offset with step > 0. Operators that move codes commute with
that, unless they add zeros, which no code stands for where there is an offset. A real constant that
an operator adds to what it moves, such as a border other than 0, has no code: then nothing changes.
A convolution or linear layer takes step and offset into its epilogue. Where something is padded and
there is an offset, a convolution reads reals: no code stands for a real 0.

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
from edgebin.graph.ir import Array, Graph, Node
from edgebin.graph.ops.conv.product import signed
from edgebin.graph.ops.facts import Family
from edgebin.graph.ops.window import PADDING_KEYS


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
    if first is None or len(sources) != len(node.inputs) or not _same_levels(sources):
        return (node,)
    codes = tuple(source.inputs[0] for source in sources if source is not None)
    if is_product(node):
        layer = _with_levels(node, *_levels(first))
        return (node,) if layer is None else (with_inputs(layer, *codes),)
    changed = _levels_after(node, first)
    if changed is not None:
        return (Node("dequantize", f"{node.name}#reals", codes, changed),)
    if _moves_levels(node, first):
        moved = with_inputs(node, *codes)
        return (moved, Node("dequantize", f"{node.name}#reals", (node.name,), first.constants))
    return (node,)


def _levels(source: Node) -> tuple[float, float]:
    return float(reals(source, "step")[0]), float(reals(source, "offset")[0])


def _same_levels(sources: list[Node | None]) -> bool:
    return len({_levels(source) for source in sources if source is not None}) == 1


def _moves_levels(node: Node, source: Node) -> bool:
    """Return whether an operator may move codes instead of their levels."""
    facts = facts_of(node)
    adds_zeros = facts.family is Family.REARRANGEMENT and _is_padded(node)
    return (
        facts.moves_codes and not _has_reals(node) and not (adds_zeros and _levels(source)[1] != 0)
    )


def _has_reals(node: Node) -> bool:
    return any(constant.dtype.kind == "f" for constant in node.constants.values())


def _levels_after(node: Node, source: Node) -> dict[str, Array] | None:
    """Return the constants of a dequantize that also does what `node` does; None if none can."""
    step, offset = _levels(source)
    if node.op == "relu" and offset >= 0:
        return dict(source.constants)
    if node.op == "affine":
        gain, shift = np.unique(reals(node, "scale")), np.unique(reals(node, "bias"))
        if gain.size == 1 and shift.size == 1 and gain[0] > 0:
            return {"step": gain * step, "offset": gain * offset + shift}
    return None


def _with_levels(layer: Node, step: float, offset: float) -> Node | None:
    """Return a layer of levels as one of their codes; None where that cannot be written."""
    if layer.constants["weights"].dtype == np.float32:
        return None
    scale = reals(layer, "scale")
    scaled = with_constants(layer, scale=scale * step)
    if offset == 0:
        return scaled
    if _is_padded(layer):
        return None
    weights = signed(layer.constants["weights"])
    sums = weights.reshape(len(weights), -1).sum(axis=1, dtype=np.int64)
    return with_constants(scaled, bias=reals(layer, "bias") + scale * offset * sums)


def _is_padded(node: Node) -> bool:
    return any(node.attributes.get(key, 0) for key in PADDING_KEYS)
