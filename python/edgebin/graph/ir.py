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
from edgebin.graph.task import Task

DType = Literal["u8", "code", "f32"]
InputType = Literal["u8", "f32", "s8"]
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


INPUT_DTYPES: Mapping[InputType, np.dtype[np.generic]] = {
    "u8": np.dtype(np.uint8),
    "f32": np.dtype(np.float32),
    "s8": np.dtype(np.int8),
}
"""Type of an input in FORMAT.md, in its order -> numpy type of what a caller gives."""


@dataclass(frozen=True, slots=True)
class GraphInput:
    """An input: (height, width, channels), of elements that a caller gives as `dtype`.

    In the graph an s8 input is a u8 value: v is the element v + 128.
    """

    name: str
    shape: tuple[int, int, int]
    dtype: InputType = "u8"

    @property
    def value(self) -> ValueType:
        """Type of its value in the graph."""
        return ValueType("f32" if self.dtype == "f32" else "u8", self.shape)

    def as_value(self, elements: Array) -> Array:
        """Return what a caller gives as values of the graph."""
        return elements.view(np.uint8) ^ np.uint8(128) if self.dtype == "s8" else elements


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
    """A network: inputs, nodes in the order of execution, outputs, which are names of values."""

    inputs: tuple[GraphInput, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]

    @classmethod
    def of_image(
        cls,
        name: str,
        shape: tuple[int, int, int],
        nodes: tuple[Node, ...],
        outputs: tuple[str, ...],
    ) -> Graph:
        """Return a graph whose only input is a u8 image (height, width, channels)."""
        return cls((GraphInput(name, shape),), nodes, outputs)

    def __repr__(self) -> str:
        """Return sizes instead of contents: nodes hold all weights."""
        inputs = ", ".join(f"{x.name!r} {'x'.join(map(str, x.shape))}" for x in self.inputs)
        outputs = ", ".join(map(repr, self.outputs))
        return f"<Graph {inputs} -> {outputs}, {len(self.nodes)} nodes>"

    @property
    def input_name(self) -> str:
        """Name of the first input."""
        return self.inputs[0].name

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the first input."""
        return self.inputs[0].shape

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all values in the order of their numbers: inputs, then nodes."""
        return (*(x.name for x in self.inputs), *(node.name for node in self.nodes))

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
        hashes: of every value, the inputs first, then in the order of the nodes; see
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
    task: Task | None = None
    """None is what files say that name none; see `edgebin.graph.task.default_task`."""

    def __repr__(self) -> str:
        """Return name and sizes on one line."""
        return f"<Network {self.name!r}: {self.graph!r}, {len(self.labels)} labels>"
