"""Operators that move elements to another shape, in C++ against the oracle."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphs.against_oracle import assert_runs_as_oracle
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
