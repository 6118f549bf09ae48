"""`linear` in C++ against the oracle, up to the longest rows and the largest sums."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgebin.graph.ir import Array
from graphs.against_oracle import assert_runs_as_oracle
from graphs.sketch import Sketch, pixels
from graphs.strategies import PRODUCTS, Case, linears, weights_of

FLUSHES = [*(64 * words for words in range(1, 41)), 2047, 2049, 3968, 4032, 4096, 4160, 4999, 5000]
"""Row lengths around which a kernel must empty its narrow counters, however wide it works."""


@pytest.mark.parametrize("product", PRODUCTS, ids="-".join)
@given(data=st.data())
def test_linear(product: tuple[str, str, str], data: st.DataObject) -> None:
    case: Case = data.draw(linears(product))
    assert_runs_as_oracle(case.graph, case.images)


@pytest.mark.parametrize("pixel", [64, 128, 255], ids=["code1", "code2", "code3"])
def test_equal_codes_meet_equal_weights(pixel: int) -> None:
    """All +1, all -1 and a last row of both, at every length of FLUSHES."""
    for depth in FLUSHES:
        weights = np.zeros((18, depth), np.bool_)
        weights[:9] = True
        weights[17, ::2] = True
        assert_sums(weights, np.full((1, 1, 1, depth), pixel, np.uint8))


def test_random_codes_at_every_length() -> None:
    rng = np.random.default_rng(3)
    for depth in FLUSHES:
        assert_sums(weights_of(rng, "bit", 33, depth), pixels(rng, 1, (1, 1, depth)))


@pytest.mark.parametrize("value", [127, -128])
@pytest.mark.parametrize("rows", [1, 255, 256])
def test_largest_pixels_meet_largest_weights(rows: int, value: int) -> None:
    """65,536 x 255 x 128 is 2^31 less 2^23: the i32 just holds it."""
    sketch = Sketch((rows, 1, 256))
    depth = 256 * rows
    constants: dict[str, Array] = {
        "weights": np.full((3, depth), value, np.int8),
        "scale": np.array([1, -0.5, 3], np.float32),
        "zero": np.full(depth, 2**24, np.int32),
    }
    y = sketch.add("linear", sketch.add("flatten", sketch.image), constants=constants)
    assert_runs_as_oracle(sketch.graph(y), np.full((1, *sketch.shape), 255, np.uint8))


@pytest.mark.parametrize(("kind", "rows"), [("bit", 2**14), ("s8", 300)])
def test_long_rows_of_codes(kind: str, rows: int) -> None:
    """2^22 bits are 65,536 words, the most that a kernel is given."""
    rng = np.random.default_rng(4)
    sketch = Sketch((rows, 1, 256))
    weights = weights_of(rng, kind, 3, 256 * rows)
    weights[0] = np.iinfo(np.int8).min if kind == "s8" else True
    constants = {"weights": weights, "scale": np.ones(3, np.float32)}
    y = sketch.add("linear", sketch.add("flatten", sketch.codes()), constants=constants)
    assert_runs_as_oracle(sketch.graph(y), np.full((1, *sketch.shape), 255, np.uint8), threads=(1,))


def assert_sums(weights: Array, images: npt.NDArray[np.uint8]) -> None:
    """Compare the bare sums over the images' codes."""
    sketch = Sketch((1, 1, weights.shape[1]))
    constants = {"weights": weights, "scale": np.ones(len(weights), np.float32)}
    y = sketch.add("linear", sketch.codes(), constants=constants)
    assert_runs_as_oracle(sketch.graph(y), images, threads=(1,))
