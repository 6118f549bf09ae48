"""Graphs in the making, for tests: adds nodes one by one, checks them and keeps their types."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import (
    INPUT_DTYPES,
    Array,
    Graph,
    GraphInput,
    InputType,
    Network,
    Node,
)
from edgebin.graph.ops import OPS
from edgebin.graph.preprocessing import Preprocessing


class Sketch:
    """A graph that grows; `image` is the name of its first input, of u8 unless it says more."""

    image = "picture"

    def __init__(self, shape: tuple[int, int, int], dtype: InputType = "u8") -> None:
        self.shape = shape
        self.inputs = [GraphInput(self.image, shape, dtype)]
        self.nodes: list[Node] = []
        self.types = {self.image: self.inputs[0].value}

    def take(self, shape: tuple[int, int, int], dtype: InputType) -> str:
        """Add an input and return its name."""
        self.inputs.append(GraphInput(f"input{len(self.inputs)}", shape, dtype))
        self.types[self.inputs[-1].name] = self.inputs[-1].value
        return self.inputs[-1].name

    def add(
        self, op: str, *inputs: str, constants: Mapping[str, Array] | None = None, **attributes: int
    ) -> str:
        """Add a node and return its name."""
        node = Node(op, f"{op}{len(self.nodes)}", inputs, constants or {}, attributes)
        self.types[node.name] = OPS[op].infer(node, tuple(self.types[name] for name in inputs))
        self.nodes.append(node)
        return node.name

    def pool(self, op: str, x: str, attributes: Mapping[str, int]) -> str:
        """Add a pool of `x`."""
        return self.add(op, x, constants={}, **attributes)

    def channels(self, name: str) -> int:
        """Return the channels of a value."""
        return self.types[name].shape[2]

    def codes(self) -> str:
        """Add what makes a code of each pixel: pixel // 64."""
        channels = self.shape[2]
        thresholds = np.tile(np.array([63.5, 127.5, 191.5], np.float32), (channels, 1))
        return self.add("quantize", self._plain(), constants={"thresholds": thresholds})

    def reals(self, rng: np.random.Generator) -> str:
        """Add an affine of random scale and bias, which makes f32 of either sign."""
        constants = {role: f32(rng, self.shape[2]) for role in ("scale", "bias")}
        return self.add("affine", self.image, constants=constants)

    def readable(self, name: str, step: float = 0.538) -> str:
        """Return the name of an f32 value that shows `name`: itself, or its codes x step."""
        if self.types[name].dtype == "f32":
            return name
        return self.add("dequantize", name, constants={"step": np.array([step], np.float32)})

    def graph(self, *outputs: str) -> Graph:
        """Return the graph; codes among the outputs are dequantized first."""
        shown = tuple(dict.fromkeys(self.readable(name) for name in outputs))
        return Graph(tuple(self.inputs), tuple(self.nodes), shown)

    def _plain(self) -> str:
        ones, zeros = np.ones(self.shape[2], np.float32), np.zeros(self.shape[2], np.float32)
        return self.add("affine", self.image, constants={"scale": ones, "bias": zeros})


def network(graph: Graph) -> Network:
    """Return a network of `graph` whose other fields are plain."""
    channels = graph.input_shape[2] if graph.inputs[0].dtype == "u8" else 0
    return Network("sketch", graph, Preprocessing((0.0,) * channels, (1.0,) * channels))


def f32(rng: np.random.Generator, *shape: int) -> npt.NDArray[np.float32]:
    """Return normal values with a few zeros of both signs among them."""
    values = rng.standard_normal(shape).astype(np.float32)
    values[rng.random(shape) < 0.05] = 0.0
    values[rng.random(shape) < 0.05] = -0.0
    return values


def bounds(rng: np.random.Generator) -> dict[str, Array]:
    """Return the constants of a clamp."""
    low, high = np.sort(f32(rng, 2))
    return {"min": np.array([low]), "max": np.array([high])}


def ascending(rng: np.random.Generator, channels: int, spread: float, dtype: str) -> Array:
    """Return thresholds (channels, 3) of size about `spread`; some are equal, some out of reach."""
    values = rng.standard_normal((channels, 3)) * spread
    values[rng.random((channels, 3)) < 0.05] = 0
    if dtype == "f32":
        values[rng.random((channels, 3)) < 0.03] = np.inf
        return np.sort(values, axis=1).astype(np.float32)
    limits = np.iinfo(np.int16 if dtype == "i16" else np.int32)
    values[rng.random((channels, 3)) < 0.03] = limits.min
    values[rng.random((channels, 3)) < 0.03] = limits.max
    kept = np.clip(np.rint(values), limits.min, limits.max)
    return np.sort(kept, axis=1).astype(limits.dtype)


def pixels(
    rng: np.random.Generator, count: int, shape: tuple[int, int, int]
) -> npt.NDArray[np.uint8]:
    """Return random images, uint8 (count, H, W, C)."""
    return rng.integers(0, 256, (count, *shape), dtype=np.uint8)


def elements(rng: np.random.Generator, count: int, given: GraphInput) -> Array:
    """Return random elements for an input (count, H, W, C); among f32 are NaN and infinities."""
    if given.dtype != "f32":
        return pixels(rng, count, given.shape).view(INPUT_DTYPES[given.dtype])
    values = f32(rng, count, *given.shape)
    for strange in (np.nan, np.inf, -np.inf, np.float32(1e-40)):
        values[rng.random(values.shape) < 0.01] = strange
    return values
