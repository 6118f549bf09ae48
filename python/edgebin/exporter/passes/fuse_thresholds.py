"""Fold batch norm and quantize into three integer thresholds per channel of a binary layer.

Before:  codes -> conv (bit): y = scale acc + bias -> quantize: #{sign y > theta_j}
After:   codes -> conv (bit), thresholds T_j: #{acc > T_j}

1. acc is an integer. With s = sign scale > 0,
   sign y > theta_j  <=>  acc > (theta_j - sign bias) / s,
   which for an integer acc is acc > floor((theta_j - sign bias) / s).
2. With s < 0 the bits of the channel are flipped, which turns acc into -acc and s into |s|.
3. With s = 0 the code is constant.
4. acc lies in -3 K .. 3 K, so T_j is clamped to -3 K - 1 .. 3 K.

Computed in float64; stored as i16 where all fit, else as i32.

Ensures: no quantize is the sole reader of a binary layer that reads codes.
"""

from __future__ import annotations

import numpy as np

from edgebin.exporter.dialect import (
    Reals,
    facts_of,
    is_product,
    producers,
    reals,
    redirect,
    sole_user,
    with_constants,
    without_constants,
)
from edgebin.graph.ir import Array, Graph, Node


def fuse_thresholds(graph: Graph) -> Graph:
    """Apply the pass."""
    makers = producers(graph)
    coded = _coded_values(graph)
    fused: dict[str, str] = {}
    kept: dict[str, Node] = {}
    for node in graph.nodes:
        layer = makers.get(node.inputs[0])
        if (
            node.op == "quantize"
            and layer is not None
            and is_product(layer)
            and layer.constants["weights"].dtype == np.bool_
            and layer.inputs[0] in coded
            and sole_user(graph, layer.name) is node
        ):
            fused[node.name] = layer.name
            kept[layer.name] = _fuse(layer, node)
    nodes = (kept.get(n.name, n) for n in graph.nodes if n.name not in fused)
    return redirect(graph.with_nodes(tuple(nodes)), fused)


def _coded_values(graph: Graph) -> set[str]:
    coded: set[str] = set()
    for node in graph.nodes:
        if node.op == "quantize" or (facts_of(node).moves_codes and node.inputs[0] in coded):
            coded.add(node.name)
    return coded


def _fuse(layer: Node, node: Node) -> Node:
    sign = reals(node, "sign")
    slope = sign * reals(layer, "scale")
    thresholds = reals(node, "thresholds") - (sign * reals(layer, "bias"))[:, None]
    weights = np.asarray(layer.constants["weights"], np.bool_)
    flip = (slope < 0).reshape(-1, *[1] * (weights.ndim - 1))
    plain = without_constants(layer, "scale", "bias")
    return with_constants(
        plain,
        weights=weights ^ flip,
        thresholds=_integers(thresholds, np.abs(slope), int(np.prod(weights.shape[1:]))),
    )


def _integers(thresholds: Reals, slope: Reals, row: int) -> Array:
    """Return floor(thresholds (N, 3) / slope (N,)), clamped to what acc can reach."""
    constant = np.where(thresholds < 0, -np.inf, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        bounds = np.where(slope[:, None] == 0, constant, thresholds / slope[:, None])
    cut = np.clip(np.floor(bounds), -3 * row - 1, 3 * row)
    small = np.abs(cut).max(initial=0) <= np.iinfo(np.int16).max
    return cut.astype(np.int16 if small else np.int32)
