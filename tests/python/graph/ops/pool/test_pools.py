"""The pools, of codes and of f32, in C++ against the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgebin.graph.reference import run
from graphs.against_oracle import assert_runs_as_oracle
from graphs.sketch import Sketch, pixels
from graphs.strategies import channel_counts, least_size, seeds, source, windows

kernels = st.tuples(st.integers(1, 5), st.integers(1, 5))


@st.composite
def pool_windows(draw: st.DrawFn) -> dict[str, int]:
    kernel = draw(kernels)
    window = draw(windows(kernel))
    for axis, sides, taps in (
        ("h", ("pad_top", "pad_bottom"), kernel[0]),
        ("w", ("pad_left", "pad_right"), kernel[1]),
    ):
        extent = window.get(f"dilation_{axis}", 1) * (taps - 1) + 1
        for side in sides:
            window[side] = min(window.get(side, 0), extent - 1)
    return {"kernel_h": kernel[0], "kernel_w": kernel[1], **window}


@given(
    window=pool_windows(),
    kind=st.sampled_from(("code", "f32")),
    more=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    channels=channel_counts,
    seed=seeds,
)
def test_max_pool(
    window: dict[str, int], kind: str, more: tuple[int, int], channels: int, seed: int
) -> None:
    """Dilated windows may hold no position at all: those give 0 or -inf."""
    rng = np.random.default_rng(seed)
    height = more[0] + least_size(window["kernel_h"], window, "h")
    width = more[1] + least_size(window["kernel_w"], window, "w")
    sketch = Sketch((height, width, channels))
    y = sketch.pool("max_pool", source(sketch, rng, kind), window)
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, sketch.shape))


@pytest.mark.parametrize("op", ["max_pool", "adaptive_max_pool"])
def test_first_of_two_zeros_stays(op: str) -> None:
    """-0 and +0, made of -1 and +1 by underflow, are equal: what comes first is the largest."""
    sketch = Sketch((2, 2, 1))
    x = sketch.image
    for scale, bias in ((1, -1), (1e-30, -0.0), (1e-30, -0.0)):
        constants = {"scale": np.array([scale], np.float32), "bias": np.array([bias], np.float32)}
        x = sketch.add("affine", x, constants=constants)
    window = {"kernel_h": 1, "kernel_w": 2} if op == "max_pool" else {"out_h": 2, "out_w": 1}
    y = sketch.pool(op, x, window)
    images = np.array([[[0, 2], [2, 0]]], np.uint8).reshape(1, 2, 2, 1)
    graph = sketch.graph(x, y)
    assert [bool(zero) for zero in np.signbit(run(graph, images)[1]).ravel()] == [True, False]
    assert_runs_as_oracle(graph, images)


@given(
    window=pool_windows(),
    include_pad=st.sampled_from((None, 0, 1)),
    more=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    channels=channel_counts,
    seed=seeds,
)
def test_avg_pool(
    window: dict[str, int],
    include_pad: int | None,
    more: tuple[int, int],
    channels: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    window.pop("dilation_h", None), window.pop("dilation_w", None)
    for side, taps in zip(("pad_top", "pad_bottom", "pad_left", "pad_right"), "hhww", strict=True):
        window[side] = min(window[side], window[f"kernel_{taps}"] - 1)
    if include_pad is not None:
        window["include_pad"] = include_pad
    height = more[0] + least_size(window["kernel_h"], window, "h")
    width = more[1] + least_size(window["kernel_w"], window, "w")
    sketch = Sketch((height, width, channels))
    y = sketch.pool("avg_pool", sketch.reals(rng), window)
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, sketch.shape))


@pytest.mark.parametrize("op", ["adaptive_max_pool", "adaptive_avg_pool"])
@given(
    size=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    out=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    kind=st.sampled_from(("code", "f32")),
    channels=channel_counts,
    seed=seeds,
)
def test_adaptive(
    op: str, size: tuple[int, int], out: tuple[int, int], kind: str, channels: int, seed: int
) -> None:
    """Cells overlap where the sizes do not divide, and repeat where the output is larger."""
    rng = np.random.default_rng(seed)
    sketch = Sketch((*size, channels))
    x = source(sketch, rng, kind if op == "adaptive_max_pool" else "f32")
    y = sketch.add(op, x, out_h=out[0], out_w=out[1])
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, sketch.shape))
