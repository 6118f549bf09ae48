"""Whole networks, drawn operator by operator."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from edgebin.graph.ir import Array, InputType
from graphs.activations import ACTIVATIONS, broadcasts
from graphs.moves import MOVES, constants_of
from graphs.sketch import Sketch, ascending, elements, f32, pixels
from graphs.strategies import (
    Case,
    channel_counts,
    product_constants,
    seeds,
    weights_of,
    windows,
)

MAX_ELEMENTS = 6000


@st.composite
def networks(draw: st.DrawFn) -> Case:
    """Draw 2 to 12 operators; whatever nobody reads is an output, and so are some that are read."""
    rng = np.random.default_rng(draw(seeds))
    sketch = Sketch((draw(st.integers(1, 9)), draw(st.integers(1, 9)), draw(st.integers(1, 5))))
    values = [sketch.codes(), sketch.reals(rng), first_layer(sketch, rng)]
    for _ in range(draw(st.integers(2, 12))):
        values.append(draw(st.sampled_from(GROWERS))(draw, sketch, rng, values))
    read = {name for node in sketch.nodes for name in node.inputs}
    shown = [name for name in values if name not in read or draw(st.integers(0, 5)) == 0]
    return Case(sketch.graph(*shown), pixels(rng, draw(st.integers(1, 3)), sketch.shape))


@st.composite
def typed_networks(draw: st.DrawFn) -> Case:
    """Draw 1 to 4 inputs of any type, their sum or what is like it, and up to 4 operators more."""
    rng = np.random.default_rng(draw(seeds))
    shape = (draw(st.integers(1, 6)), draw(st.integers(1, 6)), draw(st.integers(1, 5)))
    dtypes: tuple[InputType, ...] = ("u8", "f32", "s8")
    kinds = draw(st.lists(st.sampled_from(dtypes), min_size=1, max_size=4))
    sketch = Sketch(shape, kinds[0])
    names = [sketch.image, *(sketch.take(shape, kind) for kind in kinds[1:])]
    values = [draw(st.sampled_from(READERS))(sketch, rng, name) for name in names]
    total = values[0]
    for value in values[1:]:
        total = sketch.add(draw(st.sampled_from(("add", "sub", "mul"))), total, value)
    values.append(sketch.add("relu", total))
    for _ in range(draw(st.integers(0, 4))):
        values.append(draw(st.sampled_from(GROWERS))(draw, sketch, rng, values))
    read = {name for node in sketch.nodes for name in node.inputs}
    shown = [name for name in values if name not in read or draw(st.integers(0, 5)) == 0]
    count = draw(st.integers(1, 3))
    arrays = {given.name: elements(rng, count, given) for given in sketch.inputs}
    return Case(sketch.graph(*(name for name in shown if name not in names)), arrays)


def as_f32(sketch: Sketch, rng: np.random.Generator, name: str) -> str:
    """Return the f32 value of an input: itself, or an affine of its bytes."""
    if sketch.types[name].dtype == "f32":
        return name
    constants = {role: f32(rng, sketch.channels(name)) for role in ("scale", "bias")}
    return sketch.add("affine", name, constants=constants)


def filtered(sketch: Sketch, rng: np.random.Generator, name: str) -> str:
    """Add a convolution that keeps the input's shape; bytes have a `zero` of any size."""
    channels, kind = sketch.channels(name), sketch.types[name].dtype
    weights = weights_of(rng, "s8", channels, 3, 3, channels)
    constants = product_constants(rng, weights, kind, "scale", channels)
    pads = dict.fromkeys(("pad_top", "pad_left", "pad_bottom", "pad_right"), 1)
    return sketch.add("conv", name, constants=constants, **pads)


READERS = (as_f32, filtered)


def first_layer(sketch: Sketch, rng: np.random.Generator) -> str:
    """Add a 1x1 convolution of the image."""
    weights = weights_of(rng, "s8", 20, 1, 1, sketch.shape[2])
    constants = product_constants(rng, weights, "u8", "scale", sketch.shape[2])
    return sketch.add("conv", sketch.image, constants=constants)


def pick(draw: st.DrawFn, sketch: Sketch, values: list[str], kind: str | None = None) -> str:
    """Draw a value, of the given type."""
    return draw(st.sampled_from([v for v in values if kind in (None, sketch.types[v].dtype)]))


def grow_conv(draw: st.DrawFn, sketch: Sketch, rng: np.random.Generator, values: list[str]) -> str:
    x = pick(draw, sketch, values)
    height, width, channels = sketch.types[x].shape
    kernel = draw(st.integers(1, 3))
    window = draw(windows((kernel, kernel), padding=2))
    window = {k: v for k, v in window.items() if "dilation" not in k}
    window |= dict.fromkeys(("pad_top", "pad_left"), 1) if kernel > min(height, width) else {}
    window |= dict.fromkeys(("pad_bottom", "pad_right"), 1) if kernel > min(height, width) else {}
    filters = draw(channel_counts)
    kind = sketch.types[x].dtype
    bits = kind == "f32" or draw(st.booleans())
    weights = weights_of(rng, "bit" if bits else "s8", filters, kernel, kernel, channels)
    coded = kind == "code" and bits and draw(st.booleans())
    constants = product_constants(rng, weights, kind, "i32" if coded else "scale", channels)
    return sketch.add("conv", x, constants=constants, **window)


def grow_linear(
    draw: st.DrawFn, sketch: Sketch, rng: np.random.Generator, values: list[str]
) -> str:
    x = pick(draw, sketch, values)
    flat = sketch.add("flatten", x)
    depth, kind = sketch.channels(flat), sketch.types[flat].dtype
    weights = weights_of(rng, "bit", draw(channel_counts), depth)
    epilogue = "i16" if kind == "code" and draw(st.booleans()) else "scale"
    constants = product_constants(rng, weights, kind, epilogue, depth)
    return sketch.add("linear", flat, constants=constants)


def grow_quantize(
    draw: st.DrawFn, sketch: Sketch, rng: np.random.Generator, values: list[str]
) -> str:
    x = pick(draw, sketch, values, "f32")
    channels = sketch.channels(x)
    constants = {"thresholds": ascending(rng, channels, 30, "f32")}
    if draw(st.booleans()):
        constants["sign"] = rng.choice(np.array([-1, 1], np.int8), channels)
    return sketch.add("quantize", x, constants=constants)


def grow_residual(
    draw: st.DrawFn, sketch: Sketch, _rng: np.random.Generator, values: list[str]
) -> str:
    x = pick(draw, sketch, values, "f32")
    op = draw(st.sampled_from(("add", "add", "sub", "mul")))
    fitting = [v for v in values if broadcasts(sketch.types[x], sketch.types[v])]
    return sketch.add(op, x, draw(st.sampled_from(fitting)))


def grow_concat(
    draw: st.DrawFn, sketch: Sketch, _rng: np.random.Generator, values: list[str]
) -> str:
    x = pick(draw, sketch, values)
    found = sketch.types[x]
    fitting = [
        v
        for v in values
        if sketch.types[v].dtype == found.dtype and sketch.types[v].shape[:2] == found.shape[:2]
    ]
    parts = draw(st.lists(st.sampled_from(fitting), min_size=1, max_size=3))
    total = sum(sketch.types[v].elements for v in (x, *parts))
    return sketch.add("concat", x, *parts) if total <= MAX_ELEMENTS else x


def grow_pool(draw: st.DrawFn, sketch: Sketch, _rng: np.random.Generator, values: list[str]) -> str:
    op = draw(st.sampled_from(("max_pool", "avg_pool", "adaptive_max_pool", "adaptive_avg_pool")))
    x = pick(draw, sketch, values, None if "max" in op else "f32")
    height, width, _ = sketch.types[x].shape
    if "adaptive" in op:
        return sketch.add(op, x, out_h=draw(st.integers(1, 3)), out_w=draw(st.integers(1, 3)))
    kernel_h, kernel_w = draw(st.integers(1, height)), draw(st.integers(1, width))
    stride = draw(st.integers(1, 2))
    return sketch.add(
        op,
        x,
        kernel_h=kernel_h,
        kernel_w=kernel_w,
        stride_h=stride,
        stride_w=stride,
        pad_top=draw(st.integers(0, kernel_h - 1)),
        pad_right=draw(st.integers(0, kernel_w - 1)),
    )


def grow_simple(
    draw: st.DrawFn, sketch: Sketch, rng: np.random.Generator, values: list[str]
) -> str:
    op = draw(st.sampled_from(("relu", "affine", "dequantize", "softmax", *ACTIVATIONS)))
    x = pick(draw, sketch, values, "code" if op == "dequantize" else "f32")
    channels = sketch.channels(x)
    constants: dict[str, Array] = {}
    if op == "affine":
        constants = {"scale": f32(rng, channels), "bias": f32(rng, channels)}
    elif op == "dequantize":
        constants = {"step": f32(rng, 1)}
    elif op in ACTIVATIONS:
        constants = ACTIVATIONS[op](rng, channels)
    return sketch.add(op, x, constants=constants)


def grow_reduction(
    draw: st.DrawFn, sketch: Sketch, _rng: np.random.Generator, values: list[str]
) -> str:
    x = pick(draw, sketch, values, "f32")
    op = draw(st.sampled_from(("reduce_mean", "reduce_sum", "reduce_max", "argmax")))
    axes = draw(st.lists(st.sampled_from(("over_h", "over_w", "over_c")), min_size=1, unique=True))
    over = {} if op == "argmax" else dict.fromkeys(axes, 1)
    return sketch.add(op, x, constants={}, **over)


def grow_norm(draw: st.DrawFn, sketch: Sketch, rng: np.random.Generator, values: list[str]) -> str:
    x = pick(draw, sketch, values, "f32")
    op = draw(st.sampled_from(("l2_normalize", "group_norm", "layer_norm")))
    channels = sketch.channels(x)
    constants: dict[str, Array] = {"eps": np.array([1e-5], np.float32)}
    if op != "l2_normalize":
        constants |= {"scale": f32(rng, channels), "bias": f32(rng, channels)}
    divisors = [d for d in range(1, channels + 1) if channels % d == 0]
    groups = {"groups": draw(st.sampled_from(divisors))} if op == "group_norm" else {}
    return sketch.add(op, x, constants=constants, **groups)


def grow_move(draw: st.DrawFn, sketch: Sketch, rng: np.random.Generator, values: list[str]) -> str:
    op = draw(st.sampled_from(sorted(MOVES)))
    x = pick(draw, sketch, values, "f32" if op == "resize_bilinear" else None)
    kind, shape = sketch.types[x].dtype, sketch.types[x].shape
    attributes = MOVES[op](rng, shape)
    constants = constants_of(op, rng, shape, kind, attributes.get("mode", 0))
    y = sketch.add(op, x, constants=constants, **attributes)
    return y if sketch.types[y].elements <= MAX_ELEMENTS else x


GROWERS = (
    grow_conv,
    grow_conv,
    grow_linear,
    grow_quantize,
    grow_residual,
    grow_residual,
    grow_concat,
    grow_pool,
    grow_simple,
    grow_reduction,
    grow_norm,
    grow_move,
    grow_move,
)
