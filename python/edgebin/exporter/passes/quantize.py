"""Turn each `threshold`, with the batch norm before it, into thresholds on the batch norm's input.

Before:  x -> batch_norm: z = gain x + shift -> threshold: step * #{z > t_j} + offset
After:   x -> quantize: #{sign x > theta_j} -> dequantize(step, offset)
         theta_j = sign (t_j - shift) / gain, sign = the gain's, t_j the node's own

A channel with gain 0 has a constant code: its thresholds are -inf or +inf. Without a batch norm,
gain is 1 and shift 0. The batch norm stays for its other readers, if any.

Ensures: no `threshold`, no `batch_norm` that is read; only `quantize` makes codes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgebin.exporter.dialect import (
    BATCH_NORM,
    THRESHOLD,
    Affine,
    Reals,
    batch_norm_affine,
    producers,
    reals,
    with_inputs,
)
from edgebin.graph.ir import Array, Graph, Node


def quantize(graph: Graph) -> Graph:
    """Apply the pass."""
    makers = producers(graph)
    reals_of: dict[str, str] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.op != THRESHOLD:
            nodes.append(with_inputs(node, *(reals_of.get(name, name) for name in node.inputs)))
            continue
        maker = makers.get(node.inputs[0])
        if maker is not None and maker.op == BATCH_NORM:
            source, affine = maker.inputs[0], batch_norm_affine(maker)
        else:
            channels = len(node.constants["thresholds"])
            source, affine = node.inputs[0], Affine(np.ones(channels), np.zeros(channels))
        reals_of[node.name] = f"{node.name}#reals"
        constants = _folded(reals(node, "thresholds"), affine)
        nodes.extend(_pair(node, reals_of.get(source, source), constants))
    outputs = tuple(reals_of.get(name, name) for name in graph.outputs)
    return replace(graph, nodes=tuple(nodes), outputs=outputs)


def _pair(node: Node, source: str, constants: dict[str, Array]) -> tuple[Node, Node]:
    """Return what makes the codes, under the node's name, and what makes reals of them."""
    levels = {role: node.constants[role] for role in ("step", "offset")}
    return (
        Node("quantize", node.name, (source,), constants),
        Node("dequantize", f"{node.name}#reals", (node.name,), levels),
    )


def _folded(before: Reals, affine: Affine) -> dict[str, Array]:
    """Return theta (C, 3), ascending in each row, and the signs, of thresholds (C, 3) after it."""
    sign = np.where(affine.gain < 0, -1.0, 1.0)
    distance = before - affine.shift[:, None]
    gain = affine.gain[:, None]
    constant = np.where(distance < 0, -np.inf, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        moving = sign[:, None] * (distance / gain)
    thresholds = np.asarray(np.where(gain == 0, constant, moving), np.float64)
    return {"thresholds": thresholds, "sign": sign}
