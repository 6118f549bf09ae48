"""What hypothesis draws for the tests of operators: sizes by strategy, contents by seed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from edgebin.graph.ir import Array, Graph
from graphs.sketch import Sketch, ascending, f32, pixels

PRODUCTS = (
    ("code", "bit", "i16"),
    ("code", "bit", "i32"),
    ("code", "bit", "scale"),
    ("code", "s8", "scale"),
    ("u8", "s8", "scale"),
    ("u8", "bit", "scale"),
    ("f32", "f32", "scale"),
    ("f32", "s8", "scale"),
    ("f32", "bit", "scale"),
)
"""(input, weights, epilogue): every triple that conv and linear accept."""

seeds = st.integers(0, 2**32 - 1)
channel_counts = st.one_of(
    st.integers(1, 130), st.sampled_from((1, 3, 16, 63, 64, 65, 127, 128, 129))
)


@dataclass(frozen=True, slots=True)
class Case:
    """A graph and images for it, or an array for each input by name."""

    graph: Graph
    images: Array | dict[str, Array]

    @property
    def count(self) -> int:
        """Number of images."""
        first = next(iter(self.images.values())) if isinstance(self.images, dict) else self.images
        return len(first)

    def __repr__(self) -> str:
        nodes = "; ".join(
            f"{node.op}{dict(node.attributes)}"
            + "".join(f" {role}{list(a.shape)}" for role, a in node.constants.items())
            for node in self.graph.nodes
        )
        given = self.images if isinstance(self.images, dict) else {"images": self.images}
        shapes = ", ".join(f"{name} {array.dtype} {array.shape}" for name, array in given.items())
        return f"Case({shapes}: {nodes})"


def weights_of(rng: np.random.Generator, kind: str, *shape: int) -> Array:
    """Return weights of a type of FORMAT.md."""
    if kind == "bit":
        return rng.integers(0, 2, shape).astype(np.bool_)
    if kind == "s8":
        return rng.integers(-128, 128, shape).astype(np.int8)
    return f32(rng, *shape)


def source(sketch: Sketch, rng: np.random.Generator, kind: str) -> str:
    """Return the name of a value of that type, of the image's shape."""
    if kind == "u8":
        return sketch.image
    return sketch.codes() if kind == "code" else sketch.reals(rng)


def product_constants(
    rng: np.random.Generator, weights: Array, kind: str, epilogue: str, channels: int
) -> dict[str, Array]:
    """Return the constants of a conv or linear whose input has `channels` channels of type `kind`.

    What is optional is there or not at random.
    """
    filters, row = len(weights), weights[0].size
    if epilogue != "scale":
        return {"weights": weights, "thresholds": ascending(rng, filters, 2 * row**0.5, epilogue)}
    constants = {"weights": weights}
    if weights.dtype != np.float32 or rng.random() < 0.5:
        constants["scale"] = f32(rng, filters)
    if rng.random() < 0.7:
        constants["bias"] = f32(rng, filters)
    if kind == "u8":
        constants["zero"] = rng.integers(0, 2**24 + 1, channels).astype(np.int32)
    return constants


@st.composite
def windows(draw: st.DrawFn, kernel: tuple[int, int], *, padding: int = 4) -> dict[str, int]:
    """Draw stride, dilation and padding below `padding`; both axes and both sides on their own."""
    keys = {
        **dict.fromkeys(("stride_h", "stride_w"), st.integers(1, 3)),
        "dilation_h": st.integers(1, 3 if kernel[0] > 1 else 1),
        "dilation_w": st.integers(1, 3 if kernel[1] > 1 else 1),
        **dict.fromkeys(
            ("pad_top", "pad_left", "pad_bottom", "pad_right"), st.integers(0, padding)
        ),
    }
    drawn = {key: draw(values) for key, values in keys.items()}
    defaults = {key: int(not key.startswith("pad")) for key in drawn}
    return {key: value for key, value in drawn.items() if value != defaults[key]}


def least_size(kernel: int, window: dict[str, int], axis: str) -> int:
    """Return the smallest input that gives an output along `axis`, "h" or "w"."""
    before, after = ("pad_top", "pad_bottom") if axis == "h" else ("pad_left", "pad_right")
    extent = window.get(f"dilation_{axis}", 1) * (kernel - 1) + 1
    return max(1, extent - window.get(before, 0) - window.get(after, 0))


@st.composite
def group_counts(draw: st.DrawFn) -> tuple[int, int, int]:
    """Draw (groups, input channels of each, output channels of each)."""
    kind = draw(st.sampled_from(("dense", "dense", "dense", "grouped", "depthwise")))
    if kind == "dense":
        return 1, draw(channel_counts), draw(channel_counts)
    if kind == "depthwise":
        return draw(channel_counts), 1, draw(st.sampled_from((1, 1, 2, 3)))
    groups = draw(st.integers(2, 5))
    return groups, draw(st.integers(1, 70)), draw(st.integers(1, 70))


@dataclass(frozen=True, slots=True)
class Convolution:
    """A sketch that ends in a convolution, and what it takes to add another like it."""

    sketch: Sketch
    rng: np.random.Generator
    product: tuple[str, str, str]
    source: str
    filters: tuple[int, ...]  # shape of the weights
    window: dict[str, int]
    name: str = ""

    def add(self) -> str:
        """Add one with weights of its own."""
        kind, weight_kind, epilogue = self.product
        weights = weights_of(self.rng, weight_kind, *self.filters)
        channels = self.sketch.channels(self.source)
        constants = product_constants(self.rng, weights, kind, epilogue, channels)
        return self.sketch.add("conv", self.source, constants=constants, **self.window)


@st.composite
def sketched_convolutions(draw: st.DrawFn, product: tuple[str, str, str]) -> Convolution:
    """Draw one convolution of the given input, weights and epilogue, in a sketch of its own."""
    kernel = draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    window = draw(windows(kernel))
    groups, depth, filters = draw(group_counts())
    height = draw(st.integers(0, 7)) + least_size(kernel[0], window, "h")
    width = draw(st.integers(0, 7)) + least_size(kernel[1], window, "w")
    rng = np.random.default_rng(draw(seeds))
    if groups > 1:
        window["groups"] = groups
    sketch = Sketch((height, width, groups * depth))
    name = source(sketch, rng, product[0])
    drawn = Convolution(sketch, rng, product, name, (groups * filters, *kernel, depth), window)
    return replace(drawn, name=drawn.add())


@st.composite
def convolutions(draw: st.DrawFn, product: tuple[str, str, str]) -> Case:
    """Draw one convolution of the given input, weights and epilogue."""
    conv = draw(sketched_convolutions(product))
    sketch = conv.sketch
    return Case(sketch.graph(conv.name), pixels(conv.rng, draw(st.integers(1, 2)), sketch.shape))


@st.composite
def with_post_ops(draw: st.DrawFn, product: tuple[str, str, str]) -> Case:
    """Draw a convolution with operators that the runtime fuses into it, and what prevents that.

    A pool, a sum (with another convolution, or with itself), codes of the result, each or none;
    any of the values may have other readers or be an output.
    """
    conv = draw(sketched_convolutions(product))
    sketch, rng, y = conv.sketch, conv.rng, conv.name
    values = [y]
    if draw(st.booleans()):
        values.append(_max_pool(draw, sketch, y))
    elif draw(st.booleans()):
        other = y if draw(st.integers(0, 3)) == 0 else conv.add()
        terms = (y, other) if draw(st.booleans()) else (other, y)
        values += [other, sketch.add("add", *terms, constants={})]
    for _ in range(draw(st.sampled_from((0, 1, 1, 1, 2)))):
        channels = sketch.channels(values[-1])
        constants = {"thresholds": ascending(rng, channels, 300, "f32")}
        if draw(st.booleans()):
            constants["sign"] = rng.choice([-1, 1], channels).astype(np.int8)
        values.insert(0, sketch.add("quantize", values[-1], constants=constants))
    for name in tuple(values):
        if sketch.types[name].dtype == "f32" and draw(st.integers(0, 4)) == 0:
            values.insert(0, sketch.add("relu", name, constants={}))
    read = {name for node in sketch.nodes for name in node.inputs}
    shown = [name for name in values if name not in read or draw(st.integers(0, 4)) == 0]
    return Case(sketch.graph(*shown), pixels(rng, draw(st.integers(1, 2)), sketch.shape))


def _max_pool(draw: st.DrawFn, sketch: Sketch, x: str) -> str:
    attributes = {}
    for axis, size in zip("hw", sketch.types[x].shape[:2], strict=True):
        kernel = draw(st.integers(1, min(3, size)))
        dilation = draw(st.integers(1, min(3, (size - 1) // (kernel - 1)) if kernel > 1 else 1))
        attributes[f"kernel_{axis}"], attributes[f"dilation_{axis}"] = kernel, dilation
        attributes[f"stride_{axis}"] = draw(st.integers(1, 3))
        for side in {"h": ("top", "bottom"), "w": ("left", "right")}[axis]:
            attributes[f"pad_{side}"] = draw(st.integers(0, dilation * (kernel - 1)))
    return sketch.pool("max_pool", x, attributes)


@st.composite
def linears(draw: st.DrawFn, product: tuple[str, str, str]) -> Case:
    """Draw one linear of the given input, weights and epilogue."""
    kind, weight_kind, epilogue = product
    depth = draw(st.one_of(channel_counts, st.integers(1, 1500)))
    filters = draw(channel_counts)
    rng = np.random.default_rng(draw(seeds))
    sketch = Sketch((1, 1, depth))
    weights = weights_of(rng, weight_kind, filters, depth)
    constants = product_constants(rng, weights, kind, epilogue, depth)
    y = sketch.add("linear", source(sketch, rng, kind), constants=constants)
    return Case(sketch.graph(y), pixels(rng, draw(st.integers(1, 3)), sketch.shape))
