"""Elementwise operators, in C++ against the oracle."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgebin.graph.ir import Array
from graphs.activations import ARITHMETIC
from graphs.against_oracle import assert_runs_as_oracle
from graphs.sketch import Sketch, ascending, f32, pixels
from graphs.strategies import channel_counts, seeds

shapes = st.tuples(st.integers(1, 6), st.integers(1, 6), channel_counts)
Shape = tuple[int, int, int]


@given(shape=shapes, seed=seeds, signed=st.booleans())
def test_quantize(shape: Shape, seed: int, signed: bool) -> None:
    rng = np.random.default_rng(seed)
    sketch = Sketch(shape)
    constants = {"thresholds": ascending(rng, shape[2], 100, "f32")}
    if signed:
        constants["sign"] = rng.choice(np.array([-1, 1], np.int8), shape[2])
    y = sketch.add("quantize", sketch.reals(rng), constants=constants)
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, shape))


def test_quantize_compares_strictly() -> None:
    """A value equal to a threshold does not exceed it, and -0 equals +0."""
    sketch = Sketch((1, 4, 2))
    plain = {"scale": np.array([1, -1], np.float32), "bias": np.array([0, -0.0], np.float32)}
    x = sketch.add("affine", sketch.image, constants=plain)
    constants: dict[str, Array] = {
        "thresholds": np.array([[0, 1, 2], [-0.0, 0.0, 0.0]], np.float32),
        "sign": np.array([1, -1], np.int8),
    }
    y = sketch.add("quantize", x, constants=constants)
    images = np.repeat(np.arange(4, dtype=np.uint8), 2).reshape(1, 1, 4, 2)
    assert_runs_as_oracle(sketch.graph(y), images)


@given(shape=shapes, seed=seeds, step=st.floats(2**-10, 2**10, width=32))
def test_dequantize(shape: Shape, seed: int, step: float) -> None:
    rng = np.random.default_rng(seed)
    sketch = Sketch(shape)
    y = sketch.readable(sketch.codes(), step)
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, shape))


@given(shape=shapes, seed=seeds)
def test_affine_of_pixels_and_of_reals(shape: Shape, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sketch = Sketch(shape)
    first = sketch.reals(rng)
    constants = {"scale": f32(rng, shape[2]), "bias": f32(rng, shape[2])}
    second = sketch.add("affine", first, constants=constants)
    assert_runs_as_oracle(sketch.graph(first, second), pixels(rng, 2, shape))


@given(shape=shapes, seed=seeds)
def test_relu(shape: Shape, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sketch = Sketch(shape)
    y = sketch.add("relu", sketch.reals(rng))
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, shape))


def test_relu_of_negative_zero_is_zero() -> None:
    sketch = Sketch((1, 1, 1))
    constants = {"scale": np.array([-1], np.float32), "bias": np.array([-0.0], np.float32)}
    x = sketch.add("affine", sketch.image, constants=constants)
    y = sketch.add("relu", x)
    graph = sketch.graph(x, y)
    assert_runs_as_oracle(graph, np.zeros((1, 1, 1, 1), np.uint8))


@given(shape=shapes, seed=seeds, same=st.booleans())
def test_add(shape: Shape, seed: int, same: bool) -> None:
    rng = np.random.default_rng(seed)
    sketch = Sketch(shape)
    left = sketch.reals(rng)
    y = sketch.add("add", left, left if same else sketch.reals(rng))
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, shape))


@given(seed=seeds, op=st.sampled_from(ARITHMETIC), data=st.data())
def test_arithmetic_broadcasts(seed: int, op: str, data: st.DataObject) -> None:
    """A dimension of 1 of either operand is repeated, or of both."""
    rng = np.random.default_rng(seed)
    shape = data.draw(shapes)
    sketch = Sketch(shape)
    operands = []
    for _ in range(2):
        height, width = (1 if data.draw(st.booleans()) else size for size in shape[:2])
        reals = sketch.reals(rng)
        value = sketch.add("adaptive_avg_pool", reals, out_h=height, out_w=width)
        if data.draw(st.booleans()):
            weights = f32(rng, 1, 1, 1, shape[2])
            value = sketch.add("conv", value, constants={"weights": weights})
        operands.append(value)
    y = sketch.add(op, *operands)
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, shape))


def test_a_sum_behind_a_convolution_may_broadcast() -> None:
    """A convolution adds what has its shape only."""
    rng = np.random.default_rng(3)
    sketch = Sketch((4, 5, 3))
    x = sketch.reals(rng)
    y = sketch.add("conv", x, constants={"weights": f32(rng, 1, 1, 1, 3)})
    assert_runs_as_oracle(sketch.graph(sketch.add("add", y, x)), pixels(rng, 2, (4, 5, 3)))
