"""The operators that export starts from and lowers away, and helpers for passes.

The captured graph is an `ir.Graph` over the operators of FORMAT.md and six more:

| op | meaning | constants |
|---|---|---|
| `normalize` | u8 image -> real: (pixel / 255 - mean) / scale | `mean`, `scale` f64 [C] |
| `batch_norm` | (x - mean) / deviation * gain + shift, per channel | f64 [C] each |
| `threshold` | real -> step * #{x > t} + offset | `thresholds` [C, 3], `step`, `offset` f64 [1] |
| `flatten_chw` | (H, W, C) -> (1, 1, C H W), channels outermost as in PyTorch | |
| `log_softmax` | logarithm of the softmax over channels, of an output | |
| `sigmoid` | 1 / (1 + exp(-x)), of an output of one channel | |

In this dialect every value is a real number: `conv` and `linear` have no thresholds, multiply real
inputs, and hold `scale` and `bias` in float64; `dequantize` has an `offset` f64 [1] beside its
step. The passes turn real values into codes, and float64 into what the file stores. `evaluate.py`
runs such graphs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, Graph, Node
from edgebin.graph.ops import OPS
from edgebin.graph.ops.facts import Facts, Family

Reals = npt.NDArray[np.float64]

NORMALIZE = "normalize"
BATCH_NORM = "batch_norm"
THRESHOLD = "threshold"
FLATTEN_CHW = "flatten_chw"
LOG_SOFTMAX = "log_softmax"
SIGMOID = "class_sigmoid"

STEP = 0.538
"""Distance between HWGQ's levels for a half-wave of unit variance (arXiv 1702.00953, section 4)."""

DIALECT: Mapping[str, Facts] = {
    NORMALIZE: Facts(Family.ELEMENTWISE, ("mean", "scale")),
    BATCH_NORM: Facts(Family.ELEMENTWISE, ("mean", "deviation", "gain", "shift")),
    THRESHOLD: Facts(Family.ELEMENTWISE, ("thresholds",)),
    FLATTEN_CHW: Facts(Family.REARRANGEMENT),
    LOG_SOFTMAX: Facts(Family.OTHER),
    SIGMOID: Facts(Family.ELEMENTWISE),
}
"""The operators that are lowered away, and what passes may rely on of each."""


@dataclass(frozen=True, slots=True)
class Affine:
    """x -> gain * x + shift, per channel, in float64."""

    gain: Reals
    shift: Reals


def facts_of(node: Node) -> Facts:
    """Return the facts of a node's operator; KeyError if it is in no table."""
    return DIALECT[node.op] if node.op in DIALECT else OPS[node.op].facts


def is_product(node: Node) -> bool:
    """Return whether a node is a convolution or a linear layer."""
    return facts_of(node).is_product


def batch_norm_affine(node: Node) -> Affine:
    """Return the affine map that a `batch_norm` node applies in evaluation mode."""
    gain = reals(node, "gain") / reals(node, "deviation")
    return Affine(gain, reals(node, "shift") - reals(node, "mean") * gain)


def normalize_affine(node: Node) -> Affine:
    """Return the affine map from pixels 0..255 that a `normalize` node applies."""
    scale = reals(node, "scale")
    return Affine(1.0 / (255.0 * scale), -reals(node, "mean") / scale)


def reals(node: Node, role: str) -> Reals:
    """Return a constant of the node in float64."""
    return np.asarray(node.constants[role], dtype=np.float64)


def with_constants(node: Node, **constants: Array) -> Node:
    """Return the node with some constants replaced or added."""
    return replace(node, constants={**node.constants, **constants})


def without_constants(node: Node, *roles: str) -> Node:
    """Return the node without the constants of these roles."""
    kept = {role: value for role, value in node.constants.items() if role not in roles}
    return replace(node, constants=kept)


def with_inputs(node: Node, *inputs: str) -> Node:
    """Return the node with other inputs."""
    return replace(node, inputs=inputs)


def rewrite(graph: Graph, rule: Callable[[Node], Iterable[Node]]) -> Graph:
    """Replace every node by the nodes that the rule gives for it, in order."""
    return graph.with_nodes(tuple(new for node in graph.nodes for new in rule(node)))


def redirect(graph: Graph, instead: Mapping[str, str]) -> Graph:
    """Replace each value that is a key by the value it maps to, following chains."""

    def final(name: str) -> str:
        while name in instead:
            name = instead[name]
        return name

    nodes = tuple(replace(node, inputs=tuple(map(final, node.inputs))) for node in graph.nodes)
    return replace(graph, nodes=nodes, outputs=tuple(map(final, graph.outputs)))


def sole_user(graph: Graph, name: str) -> Node | None:
    """Return the only reader of a value; None if it has none, several, or is an output."""
    users = graph.users(name)
    if len(users) != 1 or users[0].inputs.count(name) != 1 or name in graph.outputs:
        return None
    return users[0]


def producers(graph: Graph) -> dict[str, Node]:
    """Return value name -> the node that makes it; the image has none."""
    return {node.name: node for node in graph.nodes}
