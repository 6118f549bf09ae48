"""`adaptive_max_pool`: the largest of each cell, of codes or f32, as `max_pool` picks it."""

from __future__ import annotations

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.pool.cells import KEYS, infer_cells, map_cells
from edgebin.graph.ops.pool.max_pool import running_max


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    return infer_cells(node, types, ("code", "f32"))


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return codes or float32 (N, out_h, out_w, C); see `Op`."""
    return map_cells(node, inputs[0], running_max)


ADAPTIVE_MAX_POOL = Op("adaptive_max_pool", infer, reference, Facts(Family.MAXIMUM), KEYS)
