"""Fold borders of zeros into the convolution that reads them.

Before:  x -> pad(a, b, c, d) -> conv(pads e, f, g, h)
After:   x -> conv(pads a + e, b + f, c + g, d + h)

Ensures: no convolution reads a border of zeros, but for one that is too wide.
"""

from __future__ import annotations

from dataclasses import replace

from edgebin.exporter.dialect import producers, rewrite
from edgebin.exporter.passes.drop_unread import drop_unread
from edgebin.graph.ir import Graph, Node
from edgebin.graph.ops.signature import MAX_PADDING
from edgebin.graph.ops.window import PADDING_KEYS


def fold_pad(graph: Graph) -> Graph:
    """Apply the pass."""
    makers = producers(graph)

    def rule(node: Node) -> tuple[Node, ...]:
        while node.op == "conv" and _is_zeros(border := makers.get(node.inputs[0])):
            assert border is not None
            parts = (border.attributes, node.attributes)
            sums = {key: sum(part.get(key, 0) for part in parts) for key in PADDING_KEYS}
            if max(sums.values()) > MAX_PADDING:
                break
            attributes = {**node.attributes, **sums}
            node = replace(node, inputs=border.inputs, attributes=attributes)
        return (node,)

    return drop_unread(rewrite(graph, rule))


def _is_zeros(node: Node | None) -> bool:
    if node is None or node.op != "pad":
        return False
    return not node.constants and node.attributes.get("mode", 0) == 0
