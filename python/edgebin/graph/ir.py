"""The graph that export makes, the oracle runs and the writer stores.

Plain frozen data over numpy arrays; a pass is a function from `Graph` to `Graph`. Nothing here
depends on torch, a file layout or an instruction set. The operators are defined by
`edgebin.graph.ops` (those of FORMAT.md) and `edgebin.exporter.dialect` (those lowered away).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from edgebin.graph.preprocessing import Preprocessing

DType = Literal["u8", "code", "f32"]
Array = npt.NDArray[np.generic]

CONSTANT_DTYPES: Mapping[np.dtype[np.generic], str] = {
    np.dtype(np.bool_): "bit",
    np.dtype(np.int8): "s8",
    np.dtype(np.int16): "i16",
    np.dtype(np.int32): "i32",
    np.dtype(np.float32): "f32",
}
"""numpy type of a stored constant -> its name in FORMAT.md; True stands for +1, False for -1."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """Type of an activation: element type and (height, width, channels)."""

    dtype: DType
    shape: tuple[int, int, int]

    @property
    def elements(self) -> int:
        """Number of elements of one image's value."""
        height, width, channels = self.shape
        return height * width * channels

    def __str__(self) -> str:
        return f"{self.dtype} {'x'.join(map(str, self.shape))}"


@dataclass(frozen=True, slots=True)
class Node:
    """One operator applied to values; its name is also the name of the value that it makes."""

    op: str
    name: str
    inputs: tuple[str, ...]
    constants: Mapping[str, Array] = field(default_factory=dict)
    attributes: Mapping[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return operator, names and attributes; constants hold all weights."""
        inputs = ", ".join(map(repr, self.inputs))
        return f"<Node {self.op} {self.name!r} of {inputs}, {dict(self.attributes)}>"


@dataclass(frozen=True, slots=True)
class Graph:
    """A network: one u8 image in, nodes in the order of execution, named outputs.

    `input_name` names the image's value, `input_shape` is (height, width, channels).
    `outputs` are names of values.
    """

    input_name: str
    input_shape: tuple[int, int, int]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]

    def __repr__(self) -> str:
        """Return sizes instead of contents: nodes hold all weights."""
        size = "x".join(map(str, self.input_shape))
        outputs = ", ".join(map(repr, self.outputs))
        return f"<Graph {self.input_name!r} {size} -> {outputs}, {len(self.nodes)} nodes>"

    def node(self, name: str) -> Node:
        """Return the node of that name; KeyError where there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)

    def users(self, name: str) -> tuple[Node, ...]:
        """Return the nodes that read the value `name`, in order."""
        return tuple(node for node in self.nodes if name in node.inputs)

    def with_nodes(self, nodes: tuple[Node, ...]) -> Graph:
        """Return this graph with other nodes."""
        return replace(self, nodes=nodes)


@dataclass(frozen=True, slots=True)
class SelfTestCase:
    """What a graph makes of one image that `edgebin.graph.fingerprint.image` draws.

    Args:
        seed: of the image, 0 to 2^32 - 1.
        hashes: of every value, the image first, then in the order of the nodes; see
            `edgebin.graph.fingerprint.value_hash`.
    """

    seed: int
    hashes: tuple[int, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Network:
    """All that an `.ebn` file holds."""

    name: str
    graph: Graph
    preprocessing: Preprocessing
    labels: tuple[str, ...] = ()
    self_test: tuple[SelfTestCase, ...] = ()

    def __repr__(self) -> str:
        """Return name and sizes on one line."""
        return f"<Network {self.name!r}: {self.graph!r}, {len(self.labels)} labels>"
