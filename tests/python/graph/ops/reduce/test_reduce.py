"""Reductions and normalizations, in C++ against the oracle, and the oracle against f64."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgebin.graph.ir import Array
from edgebin.graph.reference import run
from graphs.against_oracle import assert_runs_as_oracle
from graphs.sketch import Sketch, f32, pixels
from graphs.strategies import channel_counts, seeds

Shape = tuple[int, int, int]
sides = st.integers(1, 7)
shapes = st.tuples(sides, sides, channel_counts)
AXES = ("over_h", "over_w", "over_c")
REDUCTIONS = ("reduce_mean", "reduce_sum", "reduce_max")
NORMS = ("l2_normalize", "group_norm", "layer_norm")
axes = st.lists(st.sampled_from(AXES), min_size=1, unique=True).map(lambda c: dict.fromkeys(c, 1))


def odd_reals(sketch: Sketch, rng: np.random.Generator) -> str:
    """Add f32 of the image's shape: some channels are infinite, NaN, denormal or -0."""
    channels = sketch.shape[2]
    kinds = rng.choice(5, channels, p=(0.8, 0.05, 0.05, 0.05, 0.05))
    # pixel x huge x huge: 0 or infinite; times 0 it is NaN where it is infinite
    first = np.choose(kinds, (1, 1e38, 1e38, 1e-42, -1e-40)).astype(np.float32)
    second = np.choose(kinds, (1, 1e38, 1e38, 1, 1e-20)).astype(np.float32)
    third = np.choose(kinds, (0.1, -1, 0, 1, 1)).astype(np.float32)
    x = sketch.image
    for scale in (first, second, third):
        bias = np.where(kinds == 0, rng.choice((0, -3), channels), -0.0).astype(np.float32)
        x = sketch.add("affine", x, constants={"scale": scale, "bias": bias})
    return x


def constants_of(op: str, rng: np.random.Generator, channels: int, eps: float) -> dict[str, Array]:
    """Return the constants of a normalization."""
    constants: dict[str, Array] = {"eps": np.array([eps], np.float32)}
    if op != "l2_normalize":
        constants |= {"scale": f32(rng, channels), "bias": f32(rng, channels)}
    return constants


@pytest.mark.parametrize("op", REDUCTIONS)
@given(shape=shapes, over=axes, odd=st.booleans(), seed=seeds)
def test_reduction(op: str, shape: Shape, over: dict[str, int], odd: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sketch = Sketch(shape)
    x = odd_reals(sketch, rng) if odd else sketch.reals(rng)
    assert_runs_as_oracle(
        sketch.graph(sketch.add(op, x, constants={}, **over)), pixels(rng, 2, shape)
    )


@given(shape=shapes, odd=st.booleans(), seed=seeds)
def test_argmax(shape: Shape, odd: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sketch = Sketch(shape)
    x = odd_reals(sketch, rng) if odd else sketch.reals(rng)
    assert_runs_as_oracle(sketch.graph(sketch.add("argmax", x)), pixels(rng, 2, shape))


@pytest.mark.parametrize("op", NORMS)
@given(
    shape=shapes,
    group=st.integers(1, 9),
    eps=st.sampled_from((0.0, 1e-5, 1.0)),
    odd=st.booleans(),
    seed=seeds,
)
def test_norm(op: str, shape: Shape, group: int, eps: float, odd: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    if op == "group_norm":
        shape = (*shape[:2], -(-shape[2] // group) * group)
    sketch = Sketch(shape)
    x = odd_reals(sketch, rng) if odd else sketch.reals(rng)
    groups = {"groups": shape[2] // math.gcd(group, shape[2])} if op == "group_norm" else {}
    constants = constants_of(op, rng, shape[2], eps)
    y = sketch.add(op, x, constants=constants, **groups)
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, shape))


def values_of(op: str, image: npt.NDArray[np.uint8], **attributes: int) -> npt.NDArray[np.float32]:
    """Return what the oracle gives for the image's pixels, less 100, as f32."""
    channels = image.shape[2]
    sketch = Sketch((image.shape[0], image.shape[1], channels))
    constants = {
        "scale": np.ones(channels, np.float32),
        "bias": np.full(channels, -100, np.float32),
    }
    x = sketch.add("affine", sketch.image, constants=constants)
    more: dict[str, Array] = {}
    if op in NORMS:
        more = {"eps": np.array([0.25], np.float32)}
    if op in ("group_norm", "layer_norm"):
        more |= {role: np.arange(1, channels + 1, dtype=np.float32) for role in ("scale", "bias")}
    graph = sketch.graph(sketch.add(op, x, constants=more, **attributes))
    return np.asarray(run(graph, image[None])[0][0], np.float32)


@pytest.fixture
def image() -> npt.NDArray[np.uint8]:
    """Pixels (4, 5, 22): more channels than there are parts."""
    return np.random.default_rng(3).integers(0, 256, (4, 5, 22), dtype=np.uint8)


@pytest.mark.parametrize(
    "over", [("over_h",), ("over_w",), ("over_c",), ("over_h", "over_w"), AXES]
)
@pytest.mark.parametrize("op", REDUCTIONS)
def test_reduction_is_what_its_name_says(
    op: str, over: tuple[str, ...], image: npt.NDArray[np.uint8]
) -> None:
    """Sums of whole numbers are exact, so the order does not matter."""
    reals = image.astype(np.float64) - 100
    along = tuple(AXES.index(axis) for axis in over)
    total = reals.sum(axis=along, keepdims=True)
    exact = {
        "reduce_mean": total / (reals.size / total.size),
        "reduce_sum": total,
        "reduce_max": reals.max(axis=along, keepdims=True),
    }[op]
    found = values_of(op, image, **dict.fromkeys(over, 1))
    np.testing.assert_array_equal(found.ravel(), exact.astype(np.float32).ravel())


def test_argmax_is_numpy_s(image: npt.NDArray[np.uint8]) -> None:
    image[1, 2] = 7  # all equal: the first
    found = values_of("argmax", image)
    np.testing.assert_array_equal(found[..., 0], image.argmax(axis=2))


def test_l2_normalize_gives_length_one(image: npt.NDArray[np.uint8]) -> None:
    image[0, 0] = 100  # a pixel of zeros stays
    lengths = np.linalg.norm(values_of("l2_normalize", image).astype(np.float64), axis=2)
    assert lengths[0, 0] == 0
    np.testing.assert_allclose(lengths.ravel()[1:], 1, rtol=1e-6)


@pytest.mark.parametrize("groups", [1, 2, 11, 22])
def test_group_norm_has_a_mean_for_each_group(groups: int, image: npt.NDArray[np.uint8]) -> None:
    reals = (image.astype(np.float64) - 100).reshape(4, 5, groups, -1)
    mean, variance = (moment(reals, axis=(0, 1, 3), keepdims=True) for moment in (np.mean, np.var))
    normal = ((reals - mean) / np.sqrt(variance + 0.25)).reshape(4, 5, 22)
    affine = np.arange(1, 23)
    found = values_of("group_norm", image, groups=groups)
    np.testing.assert_allclose(found, normal * affine + affine, rtol=1e-6, atol=1e-6)


def test_layer_norm_has_a_mean_for_each_pixel(image: npt.NDArray[np.uint8]) -> None:
    reals = image.astype(np.float64) - 100
    mean, variance = (moment(reals, axis=2, keepdims=True) for moment in (np.mean, np.var))
    affine = np.arange(1, 23)
    exact = (reals - mean) / np.sqrt(variance + 0.25) * affine + affine
    np.testing.assert_allclose(values_of("layer_norm", image), exact, rtol=1e-6, atol=1e-6)
