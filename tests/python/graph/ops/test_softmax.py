"""`softmax`, in C++ against the oracle."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphs.against_oracle import assert_runs_as_oracle
from graphs.sketch import Sketch, f32, pixels
from graphs.strategies import channel_counts, seeds

shapes = st.tuples(st.integers(1, 6), st.integers(1, 6), channel_counts)
Shape = tuple[int, int, int]


@given(shape=shapes, seed=seeds, spread=st.sampled_from((0.001, 0.1, 10.0)))
def test_softmax(shape: Shape, seed: int, spread: float) -> None:
    """Spread 10 reaches past -700, where the power is 0."""
    rng = np.random.default_rng(seed)
    sketch = Sketch(shape)
    scale = (f32(rng, shape[2]) * np.float32(spread)).astype(np.float32)
    constants = {"scale": scale, "bias": f32(rng, shape[2])}
    y = sketch.add("softmax", sketch.add("affine", sketch.image, constants=constants))
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, shape))
