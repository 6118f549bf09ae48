"""Operators of two f32 values that broadcast: a dimension of either may be 1, and is repeated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import (
    output_type,
    read_attributes,
    refusal,
    require_inputs,
    require_roles,
)

BROADCASTS_SINCE = 3
"""The version of files since which the shapes may differ."""


def arithmetic(name: str, function: Callable[[Array, Array], Array], *, since: int = 1) -> Op:
    """Return the operator that applies `function` to two f32 values of one shape, or broadcasts.

    Args:
        name: as in FORMAT.md.
        function: (left, right) -> output, float32 arrays (N, H, W, C) that numpy broadcasts.
        since: the lowest version of files that may hold it, with inputs of one shape.
    """

    def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
        left, right = (np.asarray(value, np.float32) for value in inputs)
        return function(left, right)

    def needs(types: tuple[ValueType, ...]) -> int:
        return since if types[0].shape == types[1].shape else max(since, BROADCASTS_SINCE)

    facts = Facts(Family.ELEMENTWISE)
    return Op(name, _infer, reference, facts, since=since, since_for=needs)


def _infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    require_inputs(node, types, ("f32",), ("f32",))
    require_roles(node, ())
    read_attributes(node, {})
    pairs = tuple(zip(types[0].shape, types[1].shape, strict=True))
    if not all(a == b or 1 in (a, b) for a, b in pairs):
        found = f"found {types[0]} and {types[1]}"
        reason = f"takes two inputs of one shape, or of 1 in a dimension, {found}"
        raise refusal(node, "node.shape", reason)
    height, width, channels = (max(pair) for pair in pairs)
    return output_type(node, "f32", (height, width, channels))
