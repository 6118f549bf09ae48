"""Activations, in C++ against the oracle, and the oracle against float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from edgebin.errors import ModelFileError
from edgebin.graph.ir import Node
from edgebin.graph.ops import OPS
from graphs.activations import ACTIVATIONS, PLAIN
from graphs.against_oracle import assert_runs_as_oracle
from graphs.sketch import Sketch, f32, pixels
from graphs.strategies import channel_counts, seeds

EXACT: Mapping[str, Callable[[Tensor], Tensor]] = {
    "exp": torch.exp,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "silu": F.silu,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "hard_sigmoid": F.hardsigmoid,
    "hard_swish": F.hardswish,
}
RELATIVE = ("exp", "sigmoid", "tanh", "hard_sigmoid")  # the others are only near 0 in the tail
LEAST = np.float32(2.0**-149)
HARD = np.array([0.0, -0.0, LEAST, -LEAST, 1e-38, -1e-38, np.inf, -np.inf, np.nan], np.float32)


def of(op: str, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return what the oracle makes of a vector."""
    with np.errstate(all="ignore"):
        return np.asarray(OPS[op].reference(Node(op, "y", ("x",)), (values,)), np.float32)


@pytest.mark.parametrize("op", ACTIVATIONS)
@given(
    seed=seeds,
    shape=st.tuples(st.integers(1, 5), st.integers(1, 5), channel_counts),
    size=st.sampled_from((0.1, 1.0, 10.0, 1e30)),
)
def test_activations(op: str, seed: int, shape: tuple[int, int, int], size: float) -> None:
    rng = np.random.default_rng(seed)
    sketch = Sketch(shape)
    constants = {role: f32(rng, shape[2]) * np.float32(size) for role in ("scale", "bias")}
    x = sketch.add("affine", sketch.image, constants=constants)
    y = sketch.add(op, x, constants=ACTIVATIONS[op](rng, shape[2]))
    assert_runs_as_oracle(sketch.graph(y), pixels(rng, 2, shape))


@pytest.mark.parametrize("op", ACTIVATIONS)
def test_activations_of_every_kind_of_number(op: str) -> None:
    """Infinities and NaN come from products that overflow."""
    sketch = Sketch((1, 2, 8))
    huge = np.array([3e38, -3e38, 0, -0.0, 1e-38, -1e-38, 88.8, -103.9], np.float32)
    x = sketch.add("affine", sketch.image, constants={"scale": huge, "bias": np.zeros(8, "f4")})
    times = {"scale": np.full(8, 1e-7, np.float32), "bias": np.zeros(8, np.float32)}
    tiny = sketch.add("affine", x, constants=times)
    nan = sketch.add("sub", x, x)
    rng = np.random.default_rng(1)
    outputs = [sketch.add(op, value, constants=ACTIVATIONS[op](rng, 8)) for value in (x, tiny, nan)]
    images = np.array([[[[1] * 8, [200] * 8]]], np.uint8)
    assert_runs_as_oracle(sketch.graph(*outputs), images)


@pytest.mark.parametrize("op", PLAIN)
def test_the_oracle_is_accurate(op: str) -> None:
    steps = [
        np.linspace(-87, 88, 40001),
        np.linspace(-4, 4, 40001),
        10.0 ** np.arange(-30, 1, 0.01),
    ]
    x = np.concatenate(steps).astype(np.float32)
    exact = EXACT[op](torch.from_numpy(x).double()).numpy()
    error = np.abs(of(op, x) - exact)
    if op in RELATIVE:
        assert (error <= 4e-7 * np.abs(exact) + 1e-37).all()
    else:
        assert (error <= 4e-7 * np.maximum(np.abs(x), 1)).all()


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("exp", [1, 1, 1, 1, 1, 1, np.inf, 0, np.nan]),
        ("sigmoid", [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 0, np.nan]),
        ("tanh", [*HARD[:6], 1, -1, np.nan]),
        ("gelu", [0, -0.0, 0, -0.0, 5e-39, -5e-39, np.inf, -0.0, np.nan]),
        ("hard_sigmoid", [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 0, np.nan]),
    ],
)
def test_the_ends_of_the_range(op: str, expected: list[float]) -> None:
    np.testing.assert_allclose(
        of(op, HARD), np.array(expected, np.float32), rtol=0, atol=float(2 * LEAST)
    )


def test_exp_is_denormal_and_infinite_where_it_has_to_be() -> None:
    x = np.array([-103.0, -90.0, -103.98, 88.72, 88.73], np.float32)
    exact = np.exp(x.astype(np.float64))
    found = of("exp", x)
    np.testing.assert_allclose(found[:4], exact[:4], rtol=2e-7, atol=float(LEAST))
    assert found[4] == np.inf


def test_bounds_in_the_wrong_order_are_refused() -> None:
    constants = {"min": np.ones(1, np.float32), "max": np.zeros(1, np.float32)}
    sketch = Sketch((1, 1, 1))
    reals = sketch.reals(np.random.default_rng(0))
    with pytest.raises(ModelFileError, match="min is at most max") as caught:
        sketch.add("clamp", reals, constants=constants)
    assert caught.value.code == "constant.range"
