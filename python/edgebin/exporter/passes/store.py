"""Give every constant the type that the file stores, and leave out defaults.

Before:  scale, bias, step, offset f64; quantize thresholds f64; attributes written out
After:   f32, rounded to nearest; quantize thresholds rounded down; defaults left out

For an f32 x, x > theta holds exactly when x > t, where t is the largest f32 that is not above
theta, so rounding a threshold down changes no code. A bias of zeros, signs of all +1 and attributes
at their default are left out, and so is an offset of 0.

Ensures: every constant has a type of FORMAT.md.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgebin.exporter.dialect import Reals, is_product, reals, rewrite
from edgebin.graph.ir import CONSTANT_DTYPES, Array, Graph, Node
from edgebin.graph.ops import OPS


def store(graph: Graph) -> Graph:
    """Apply the pass."""
    return rewrite(graph, lambda node: (_store(node),))


def _store(node: Node) -> Node:
    constants = {
        role: _constant(node.op, role, value)
        for role, value in node.constants.items()
        if not _says_nothing(node, role)
    }
    return Node(node.op, node.name, node.inputs, constants, _attributes(node))


def _constant(op: str, role: str, value: Array) -> Array:
    if op == "quantize" and role == "thresholds":
        return round_down(np.asarray(value, np.float64))
    if role == "sign":
        return value.astype(np.int8)
    if value.dtype in CONSTANT_DTYPES:
        return value
    return value.astype(np.float32)


def _says_nothing(node: Node, role: str) -> bool:
    if role == "sign":
        return bool((reals(node, role) > 0).all())
    if role == "offset":
        return bool(reals(node, role)[0] == 0)
    if role == "bias" and is_product(node):
        return bool((reals(node, role) == 0).all())
    if role == "scale" and is_product(node):
        float_weights = node.constants["weights"].dtype == np.float32
        return float_weights and bool((reals(node, role) == 1).all())
    return False


def _attributes(node: Node) -> dict[str, int]:
    keys = OPS[node.op].keys
    return {name: value for name, value in node.attributes.items() if keys[name].default != value}


def round_down(values: Reals) -> npt.NDArray[np.float32]:
    """Return the largest float32 that is not above each value; -inf if there is none."""
    with np.errstate(over="ignore"):
        nearest = values.astype(np.float32)
    above = nearest.astype(np.float64) > values
    lower = np.nextafter(nearest, np.float32(-np.inf))
    return np.asarray(np.where(above, lower, nearest), np.float32)
