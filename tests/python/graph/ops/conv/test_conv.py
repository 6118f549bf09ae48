"""`conv` in C++ against the oracle: every accepted input, weights and epilogue."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.against_oracle import assert_every_kernel, assert_runs_as_oracle
from graphs.sketch import Sketch, ascending, f32, pixels
from graphs.strategies import (
    PRODUCTS,
    Case,
    convolutions,
    product_constants,
    source,
    weights_of,
    with_post_ops,
)


@pytest.mark.parametrize("product", PRODUCTS, ids="-".join)
@given(data=st.data())
def test_conv(product: tuple[str, str, str], data: st.DataObject) -> None:
    case: Case = data.draw(convolutions(product))
    assert_runs_as_oracle(case.graph, case.images)


@pytest.mark.parametrize("product", PRODUCTS, ids="-".join)
@settings(max_examples=30)
@given(data=st.data())
def test_every_kernel(product: tuple[str, str, str], data: st.DataObject) -> None:
    case: Case = data.draw(convolutions(product))
    assert_every_kernel(case.graph, case.images)


@pytest.mark.parametrize("product", [p for p in PRODUCTS if p[2] == "scale"], ids="-".join)
@given(data=st.data())
def test_post_ops(product: tuple[str, str, str], data: st.DataObject) -> None:
    """What is fused into a convolution, and what prevents that."""
    case: Case = data.draw(with_post_ops(product))
    assert_runs_as_oracle(case.graph, case.images)


@pytest.mark.parametrize("sign", [True, False], ids=["plus", "minus"])
@pytest.mark.parametrize("channels", [1, 63, 64, 65, 127, 128, 192, 256, 512])
def test_largest_codes_meet_equal_weights(channels: int, sign: bool) -> None:
    """Sums of 3x3 windows over code 3, from the corner's 4 taps to the middle's 9."""
    sketch = Sketch((4, 5, channels))
    codes = sketch.codes()
    weights = np.full((5, 3, 3, channels), sign)
    edge = 3 * channels * (1 if sign else -1)
    by_taps = np.sort(np.array([4 * edge, 6 * edge, 9 * edge], np.int32) - 1)
    pad = dict.fromkeys(("pad_top", "pad_left", "pad_bottom", "pad_right"), 1)
    exact = sketch.add(
        "conv",
        codes,
        constants={"weights": weights, "scale": np.ones(5, np.float32)},
        **pad,
    )
    coded = sketch.add(
        "conv",
        codes,
        constants={"weights": weights, "thresholds": np.tile(by_taps, (5, 1))},
        **pad,
    )
    images = np.full((1, *sketch.shape), 255, np.uint8)
    assert_runs_as_oracle(sketch.graph(exact, coded), images)


def flush_channels(group: int, lookups: int) -> list[int]:
    """Channel counts at which tables of `group` channels fill a byte of so many lookups, and the
    next; a word's last table may be of fewer channels."""
    tables = [c // 64 * -(-64 // group) + -(-(c % 64) // group) for c in range(400)]
    full = [c for c in range(1, 399) if tables[c] % lookups == 0 and tables[c + 1] > tables[c]]
    return [count for c in full for count in (c, c + 1)]


@pytest.mark.parametrize("sign", [True, False], ids=["plus", "minus"])
@pytest.mark.parametrize("taps", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_lookups_hold_the_largest_sums(taps: int, sign: bool) -> None:
    """A byte holds 21 lookups of four codes 3 or 14 of six, and 16 bits all of 10,922."""
    deepest = 10_922 // taps
    for channels in {*flush_channels(4, 21 // taps), *flush_channels(6, 14 // taps), deepest}:
        sketch = Sketch((1, 7, channels))
        weights = np.full((33, 1, taps, channels), sign)
        weights[32] = ~weights[32]
        constants = {"weights": weights, "scale": np.ones(33, np.float32)}
        y = sketch.add("conv", sketch.codes(), constants=constants, pad_right=1)
        assert_every_kernel(sketch.graph(y), np.full((1, *sketch.shape), 255, np.uint8))


@pytest.mark.parametrize("kind", ["code", "u8", "f32"])
def test_network_sized_layer(kind: str) -> None:
    """Enough positions that every thread gets its share, and every tile is full."""
    rng = np.random.default_rng(7)
    sketch = Sketch((17, 23, 64))
    x = source(sketch, rng, kind)
    constants = {"weights": weights_of(rng, "bit", 96, 3, 3, 64), "scale": f32(rng, 96)}
    if kind == "u8":
        constants["zero"] = rng.integers(0, 2**24 + 1, 64).astype(np.int32)
    pad = dict.fromkeys(("pad_top", "pad_left", "pad_bottom", "pad_right"), 1)
    y = sketch.add("conv", x, constants=constants, **pad)
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, sketch.shape))


def test_window_inside_the_padding() -> None:
    """Windows that see nothing of the image still add their bias."""
    rng = np.random.default_rng(8)
    sketch = Sketch((2, 2, 3))
    pad = dict.fromkeys(("pad_top", "pad_left", "pad_bottom", "pad_right"), 9)
    zero = rng.integers(0, 2**24 + 1, 3).astype(np.int32)
    constants = {
        "weights": weights_of(rng, "s8", 4, 3, 3, 3),
        "scale": f32(rng, 4),
        "bias": f32(rng, 4),
    }
    raw = sketch.add("conv", sketch.image, constants={**constants, "zero": zero}, **pad)
    coded = {
        "weights": weights_of(rng, "bit", 4, 3, 3, 3),
        "thresholds": ascending(rng, 4, 3, "i16"),
    }
    codes = sketch.add("conv", sketch.codes(), constants=coded, **pad)
    reals = sketch.add("conv", sketch.reals(rng), constants=constants, **pad)
    assert_runs_as_oracle(sketch.graph(raw, codes, reals), pixels(rng, 2, sketch.shape))


@pytest.mark.parametrize("breaks", ["nothing", "bias", "scale", "groups"])
@pytest.mark.parametrize("signs", [(1,), (-1,), (-1, 1)], ids=["rising", "falling", "both"])
@pytest.mark.parametrize("stride", [1, 2])
def test_pool_behind_a_first_layer(stride: int, signs: tuple[int, ...], breaks: str) -> None:
    """Windows that share a bias, those at the border, and constants that break the order."""
    rng = np.random.default_rng(9)
    groups = 3 if breaks == "groups" else 1
    sketch = Sketch((23, 31, 3))
    scale = rng.choice(signs, 18) * rng.uniform(0.001, 0.1, 18)
    bias = np.where(rng.random(18) < 0.3, 0.0, rng.standard_normal(18))
    if breaks == "bias":
        scale[0], bias[0] = 0.0, -0.0
    if breaks == "scale":  # biases at the border become infinite
        scale[17] = 3e38
    constants = {
        "weights": weights_of(rng, "s8", 18, 5, 5, 3 // groups),
        "scale": scale.astype(np.float32),
        "bias": bias.astype(np.float32),
        "zero": np.zeros(3, np.int32) if breaks == "bias" else np.full(3, 2**23, np.int32),
    }
    pad = dict.fromkeys(("pad_top", "pad_left", "pad_bottom", "pad_right"), 2)
    conv = sketch.add(
        "conv",
        sketch.image,
        constants=constants,
        groups=groups,
        stride_h=stride,
        stride_w=stride,
        **pad,
    )
    window = {"kernel_h": 3, "kernel_w": 3, "stride_h": 2, "stride_w": stride, "pad_top": 1}
    pooled = sketch.pool("max_pool", conv, {**window, "pad_left": 2, "pad_right": 1})
    constants = {"thresholds": ascending(rng, 18, 30, "f32")}
    codes = sketch.add("quantize", pooled, constants=constants)
    images = pixels(rng, 2, sketch.shape)
    assert_runs_as_oracle(sketch.graph(codes), images)
    assert_runs_as_oracle(sketch.graph(codes, pooled), images)


@pytest.mark.parametrize("pad", [1, 2])
def test_pool_behind_begins_above_the_image(pad: int) -> None:
    """Of a dilated window's two rows the upper one is padding at first, then row 0 and after."""
    rng = np.random.default_rng(9)
    sketch = Sketch((8, 8, 3))
    weights = weights_of(rng, "s8", 5, 3, 3, 3)
    constants = product_constants(rng, weights, "u8", "scale", 3)
    y = sketch.add("conv", sketch.image, constants=constants)
    window = {"kernel_h": 2, "kernel_w": 2, "dilation_h": 3, "dilation_w": 3}
    pads = dict.fromkeys(("pad_top", "pad_left", "pad_bottom", "pad_right"), pad)
    pool = sketch.pool("max_pool", y, {**window, **pads})
    assert_runs_as_oracle(sketch.graph(pool), pixels(rng, 2, sketch.shape))


def test_last_sum_leaves_an_output_alone() -> None:
    """What the last stage adds is read no more, but the caller wants it too."""
    rng = np.random.default_rng(10)
    sketch = Sketch((4, 4, 20))
    reals, codes = sketch.reals(rng), sketch.codes()
    weights = weights_of(rng, "bit", 20, 3, 3, 20)
    constants = product_constants(rng, weights, "code", "scale", 20)
    pad = dict.fromkeys(("pad_top", "pad_left", "pad_bottom", "pad_right"), 1)
    y = sketch.add("conv", codes, constants=constants, **pad)
    total = sketch.add("add", reals, y)
    assert_runs_as_oracle(sketch.graph(reals, total), pixels(rng, 2, sketch.shape))
