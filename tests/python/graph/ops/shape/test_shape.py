"""Operators that move elements to another shape, in C++ against the oracle."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgebin.graph.ops.shape.resize_bilinear import blend
from edgebin.graph.ops.shape.resize_nearest import positions
from graphs.against_oracle import assert_runs_as_oracle
from graphs.moves import MOVES, constants_of
from graphs.sketch import Sketch, ascending, f32, pixels
from graphs.strategies import channel_counts, seeds, source

shapes = st.tuples(st.integers(1, 6), st.integers(1, 6), channel_counts)
Shape = tuple[int, int, int]


@given(
    size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    filters=st.lists(channel_counts, min_size=2, max_size=5),
    kind=st.sampled_from(("code", "f32")),
    seed=seeds,
)
def test_concat(size: tuple[int, int], filters: list[int], kind: str, seed: int) -> None:
    """Parts of any width: the seams fall anywhere in a word of 64 channels."""
    rng = np.random.default_rng(seed)
    sketch = Sketch((*size, 2))
    codes = sketch.codes()
    parts = []
    for count in filters:
        weights = rng.integers(0, 2, (count, 1, 1, 2)).astype(np.bool_)
        last = ascending(rng, count, 2, "i16") if kind == "code" else f32(rng, count)
        role = "thresholds" if kind == "code" else "scale"
        parts.append(sketch.add("conv", codes, constants={"weights": weights, role: last}))
    y = sketch.add("concat", *parts, parts[0])
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, sketch.shape))


@given(shape=shapes, kind=st.sampled_from(("u8", "code", "f32")), seed=seeds)
def test_flatten(shape: Shape, kind: str, seed: int) -> None:
    """Codes are packed in words for each position: flattening packs them again."""
    rng = np.random.default_rng(seed)
    sketch = Sketch(shape)
    flat = sketch.add("flatten", source(sketch, rng, kind))
    if kind == "u8":
        count = sketch.channels(flat)
        ones = np.ones(count, np.float32)
        flat = sketch.add("affine", flat, constants={"scale": ones, "bias": f32(rng, count)})
    assert_runs_as_oracle(sketch.graph(flat), pixels(rng, 2, shape))


def shown(sketch: Sketch, y: str) -> str:
    """Return an f32 value that shows `y`, of any type."""
    if sketch.types[y].dtype != "u8":
        return y
    plain = {"scale": np.ones(sketch.channels(y), np.float32)}
    return sketch.add("affine", y, constants={**plain, "bias": 0 * plain["scale"]})


@pytest.mark.parametrize("op", MOVES)
@given(shape=shapes, kind=st.sampled_from(("u8", "code", "f32")), seed=seeds)
def test_moves(op: str, shape: Shape, kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    if op == "depth_to_space" and seed % 2:
        shape = (*shape[:2], 4 * shape[2])
    sketch = Sketch(shape)
    x = source(sketch, rng, "f32" if op == "resize_bilinear" else kind)
    attributes = MOVES[op](rng, shape)
    constants = constants_of(op, rng, shape, kind, attributes.get("mode", 0))
    y = sketch.add(op, x, constants=constants, **attributes)
    assert_runs_as_oracle(sketch.graph(shown(sketch, y)), pixels(rng, 2, shape))


SIZES = st.integers(1, 40)


@pytest.mark.parametrize(
    ("op", "flag"), [("resize_nearest", "exact"), ("resize_bilinear", "align_corners")]
)
@given(size=SIZES, count=SIZES, value=st.integers(0, 1), tall=st.booleans(), seed=seeds)
def test_resize_to_any_size(
    op: str, flag: str, size: int, count: int, value: int, tall: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    sketch = Sketch((size, 1, 2) if tall else (1, size, 2))
    out_h, out_w = (count, 1) if tall else (1, count)
    x = sketch.reals(rng) if seed % 2 else sketch.add("exp", sketch.reals(rng))  # some infinite
    y = sketch.add(op, x, constants={}, out_h=out_h, out_w=out_w, **{flag: value})
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 1, sketch.shape))


def test_positions_beyond_a_float_are_exact() -> None:
    """Where f32 coordinates would be rounded: 2^24 rows of the output."""
    assert list(positions(3, 2**24, 0)[[5592405, 5592406, 2**24 - 1]]) == [0, 1, 2]


def test_infinite_neighbours_and_negative_zero_of_a_bilinear_resize() -> None:
    """A weight of 0 times infinity is NaN, and -0 x 1 + -0 x 0 is -0."""
    x = np.array([-0.0, -0.0, 1.0, np.inf], np.float32).reshape(1, 1, 4, 1)
    with np.errstate(invalid="ignore"):
        same = blend(x, 2, 4, 0).ravel()
    assert list(np.signbit(same[:2])) == [True, False]
    assert list(np.isnan(same)) == [False, False, True, True]


def _negative_zero(sketch: Sketch) -> str:
    """Return [-0, 12] of pixels [0, 255]."""
    line = {"scale": np.array([15 / 255], np.float32), "bias": np.array([-3], np.float32)}
    return sketch.add("hard_swish", sketch.add("affine", sketch.image, constants=line))


def _infinity(sketch: Sketch) -> str:
    """Return [1, inf] of pixels [0, 255]."""
    line = {"scale": np.array([1], np.float32), "bias": np.array([0], np.float32)}
    return sketch.add("exp", sketch.add("affine", sketch.image, constants=line))


@pytest.mark.parametrize("tall", [False, True])
@pytest.mark.parametrize("source", [_negative_zero, _infinity])
def test_the_first_position_of_an_enlargement_reads_its_neighbour(
    source: Callable[[Sketch], str], tall: bool
) -> None:
    """With weight 0: -0 + 0 is +0, and 0 times infinity is NaN."""
    sketch = Sketch((2, 1, 1) if tall else (1, 2, 1))
    size = {"out_h": 4, "out_w": 1} if tall else {"out_h": 1, "out_w": 4}
    y = sketch.add("resize_bilinear", source(sketch), constants={}, **size)
    assert_runs_as_oracle(sketch.graph(y), np.array([0, 255], np.uint8).reshape(1, *sketch.shape))
