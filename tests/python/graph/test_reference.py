"""The oracle against FORMAT.md read literally: sums spelled out in scalars, one position at a time.

Slow, so it looks at some positions only; it shares no code with `edgebin.graph.ops`.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgebin.errors import InputError, ModelFileError
from edgebin.graph.ir import Array, Graph, Node
from edgebin.graph.reference import evaluate, run
from graphs.sketch import Sketch, pixels
from graphs.strategies import PRODUCTS, Case, convolutions, seeds

BUDGET = 20_000
"""Multiply-accumulates that scalars can do in a moment."""


def scalar_conv(node: Node, x: Array, row: int, column: int, n: int) -> object:
    """Return one output of one image (H, W, C), by Python integers or np.float32 scalars."""
    says = {"groups": 1, **dict.fromkeys(("stride_h", "stride_w", "dilation_h", "dilation_w"), 1)}
    says |= {"pad_top": 0, "pad_left": 0, **node.attributes}
    weights = node.constants["weights"]
    filters, kernel_h, kernel_w, depth = weights.shape
    terms = []
    for ky, kx, c in np.ndindex(kernel_h, kernel_w, depth):
        in_y = row * says["stride_h"] + ky * says["dilation_h"] - says["pad_top"]
        in_x = column * says["stride_w"] + kx * says["dilation_w"] - says["pad_left"]
        channel = n // (filters // says["groups"]) * depth + c
        weight = weights[n, ky, kx, c]
        if weights.dtype == np.bool_:
            weight = 1 if weight else -1
        inside = 0 <= in_y < x.shape[0] and 0 <= in_x < x.shape[1]
        terms.append((weight, x[in_y, in_x, channel] if inside else None, channel))
    return scalar_epilogue(node, n, terms)


def output_size(node: Node, axis: str, size: int, taps: int) -> int:
    """Return the formula of FORMAT.md, floor and all."""
    first, last = ("pad_top", "pad_bottom") if axis == "h" else ("pad_left", "pad_right")
    pads = node.attributes.get(first, 0) + node.attributes.get(last, 0)
    dilation = node.attributes.get(f"dilation_{axis}", 1)
    stride = node.attributes.get(f"stride_{axis}", 1)
    return math.floor((size + pads - dilation * (taps - 1) - 1) / stride) + 1


def scalar_epilogue(
    node: Node, n: int, terms: list[tuple[np.generic | int, np.generic | None, int]]
) -> object:
    acc: np.float32 | int = 0
    seen = [value for _, value, _ in terms if value is not None]
    if seen and isinstance(seen[0], np.float32):
        acc = np.float32(0)
        for weight, value, _ in terms:
            acc = np.float32(acc + np.float32(np.float32(weight) * np.float32(value or 0)))
    else:
        acc = sum(int(weight) * int(value) for weight, value, _ in terms if value is not None)
    if "thresholds" in node.constants:
        return sum(acc > int(t) for t in node.constants["thresholds"][n])
    scale = node.constants["scale"][n] if "scale" in node.constants else np.float32(1)
    bias = node.constants["bias"][n] if "bias" in node.constants else np.float32(0)
    if "zero" in node.constants:
        zero = node.constants["zero"]
        corr = sum(int(weight) * int(zero[c]) for weight, value, c in terms if value is not None)
        bias = np.float32(float(bias) - float(scale) * (corr / 65536))
    return np.float32(np.float32(np.float32(acc) * scale) + bias)


@pytest.mark.parametrize("product", PRODUCTS, ids="-".join)
@given(data=st.data())
def test_conv(product: tuple[str, str, str], data: st.DataObject) -> None:
    case: Case = data.draw(convolutions(product))
    assert not isinstance(case.images, dict)
    values = evaluate(case.graph, case.images[:1])
    (node,) = (node for node in case.graph.nodes if node.op == "conv")
    x, found = values[node.inputs[0]][0], values[node.name][0]
    filters, kernel_h, kernel_w, depth = node.constants["weights"].shape
    assert found.shape == (
        output_size(node, "h", x.shape[0], kernel_h),
        output_size(node, "w", x.shape[1], kernel_w),
        filters,
    )
    rng = np.random.default_rng(data.draw(seeds))
    for _ in range(max(1, BUDGET // (kernel_h * kernel_w * depth * 20))):
        at = tuple(int(rng.integers(size)) for size in found.shape)
        expected = np.asarray(scalar_conv(node, x, *at), found.dtype)
        assert found[at].tobytes() == expected.tobytes(), at


@given(seed=seeds)
def test_softmax_is_close_to_the_library(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sketch = Sketch((2, 3, 7))
    x = sketch.reals(rng)
    y = sketch.add("softmax", x)
    values = evaluate(sketch.graph(y), pixels(rng, 2, sketch.shape))
    exact = values[x].astype(np.longdouble)
    powers = np.exp(exact - exact.max(axis=3, keepdims=True))
    wanted = powers / powers.sum(axis=3, keepdims=True)
    np.testing.assert_allclose(
        values[y].astype(np.float64), wanted.astype(np.float64), rtol=1e-7, atol=2e-45
    )


def test_pools_by_hand() -> None:
    sketch = Sketch((3, 3, 1))
    constants = {"scale": np.array([1], np.float32), "bias": np.array([-5], np.float32)}
    x = sketch.add("affine", sketch.image, constants=constants)
    sizes = {"kernel_h": 2, "kernel_w": 2, "stride_h": 2, "stride_w": 2}
    window = {**sizes, "pad_top": 1, "pad_left": 1}
    largest = sketch.pool("max_pool", x, window)
    inside = sketch.pool("avg_pool", x, window)
    padded = sketch.pool("avg_pool", x, {**window, "include_pad": 1})
    cells = sketch.add("adaptive_avg_pool", x, out_h=2, out_w=1)
    values = evaluate(
        sketch.graph(largest, inside, padded, cells),
        np.arange(9, dtype=np.uint8).reshape(1, 3, 3, 1),
    )
    # -5 -4 -3 / -2 -1 0 / 1 2 3
    assert values[largest].ravel().tolist() == [-5, -3, 1, 3]
    assert values[inside].ravel().tolist() == [-5, -3.5, -0.5, 1]
    assert values[padded].ravel().tolist() == [-1.25, -1.75, -0.25, 1]
    assert values[cells].ravel().tolist() == [-2.5, 0.5]


def test_outputs_of_one_position_are_flat() -> None:
    sketch = Sketch((2, 1, 3))
    x = sketch.reals(np.random.default_rng(0))
    graph = sketch.graph(x, sketch.add("flatten", x))
    whole, flat = run(graph, np.zeros((5, 2, 1, 3), np.uint8))
    assert (whole.shape, flat.shape) == ((5, 2, 1, 3), (5, 6))
    assert flat.dtype == np.float32


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((1, 2, 1, 4), np.uint8),
        np.zeros((2, 1, 3), np.uint8),
        np.zeros((1, 2, 1, 3), np.float32),
    ],
)
def test_other_images_are_refused(images: Array) -> None:
    sketch = Sketch((2, 1, 3))
    graph = sketch.graph(sketch.reals(np.random.default_rng(0)))
    with pytest.raises(InputError, match=r'input "picture" is uint8 \(N, 2, 1, 3\), found'):
        run(graph, images)


def test_graph_is_checked_first() -> None:
    graph = Graph.of_image("x", (1, 1, 1), (Node("relu", "y", ("x",)),), ("y",))
    with pytest.raises(ModelFileError, match='relu "y": takes f32, input is u8'):
        run(graph, np.zeros((1, 1, 1, 1), np.uint8))
