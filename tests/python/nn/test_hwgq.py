"""HWGQ: levels around each threshold, and the three gradients against their formulas."""

from __future__ import annotations

import math
from typing import get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from edgebin.errors import OptionError
from edgebin.nn.hwgq import (
    BACKWARDS,
    HWGQ,
    LEVELS,
    STEP,
    THRESHOLDS,
    Thresholds,
    hwgq,
    hwgq_codes,
)


def after(x: float) -> float:
    return torch.nextafter(torch.tensor(x), torch.tensor(math.inf)).item()


def test_constants_are_the_papers() -> None:
    assert STEP == 0.538
    assert pytest.approx((0.0, 0.538, 1.076, 1.614)) == LEVELS
    assert pytest.approx((0.0, 0.807, 1.345)) == THRESHOLDS["half-wave"]


@pytest.mark.parametrize("code", range(3))
@pytest.mark.parametrize("thresholds", THRESHOLDS.values(), ids=THRESHOLDS)
def test_a_threshold_itself_belongs_to_the_lower_code(
    thresholds: tuple[float, ...], code: int
) -> None:
    at = torch.tensor(thresholds[code])
    assert hwgq_codes(at, thresholds).item() == code
    assert hwgq_codes(torch.tensor(after(at.item())), thresholds).item() == code + 1


def test_there_is_no_dead_zone_below_half_a_step() -> None:
    x = torch.tensor([-5.0, -1e-30, -0.0, 0.0, 1e-30, 0.1, 0.9, 1.4, 100.0, math.inf])
    assert hwgq_codes(x).tolist() == [0, 0, 0, 0, 1, 1, 2, 3, 3, 3]


def test_the_names_are_those_of_the_type() -> None:
    assert get_args(Thresholds) == tuple(THRESHOLDS)


def test_a_module_pickled_before_there_was_a_choice_is_the_papers() -> None:
    layer = HWGQ(thresholds="nearest")
    del layer.__dict__["thresholds"]
    x = torch.linspace(-2, 4, 100)
    assert torch.equal(layer(x), HWGQ()(x))
    assert repr(layer) == repr(HWGQ())


def test_nearest_rounds_to_the_nearest_level() -> None:
    x = torch.linspace(-2, 4, 1000, dtype=torch.float64)
    expected = STEP * (x / STEP).clamp(0, 3).round()
    assert torch.equal(HWGQ(thresholds="nearest")(x), expected)
    assert not torch.equal(HWGQ()(x), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_levels_keep_shape_and_dtype(dtype: torch.dtype) -> None:
    x = torch.linspace(-1, 3, 24, dtype=dtype).view(2, 3, 4)
    y = HWGQ()(x)
    assert y.shape == x.shape
    assert y.dtype == dtype
    assert set(y.unique().tolist()) == set(torch.tensor(LEVELS, dtype=dtype).tolist())


def test_bfloat16_values_meet_the_exact_thresholds() -> None:
    """0.80859375, which a bfloat16 threshold of 0.807 would become, exceeds 0.807."""
    x = torch.tensor([0.8046875, 0.80859375], dtype=torch.bfloat16)
    assert (hwgq(x).float() / STEP).round().tolist() == [1, 2]


def formula(x: float, backward: str) -> float:
    if x <= 0:
        return 0.0
    if x <= 3 * STEP or backward == "vanilla":
        return 1.0
    return 0.0 if backward == "clipped" else 1.0 / (x - (3 * STEP - 1.0))


@pytest.mark.parametrize("backward", BACKWARDS)
@pytest.mark.parametrize("thresholds", THRESHOLDS)
@settings(deadline=None)
@given(st.floats(-10, 10))
def test_gradient_is_the_formula(thresholds: str, backward: str, value: float) -> None:
    x = torch.tensor([value], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(
        hwgq(x, backward, THRESHOLDS[thresholds]), x, torch.full_like(x, 2.5)
    )
    assert gradient.item() == pytest.approx(2.5 * formula(value, backward))


@pytest.mark.parametrize("backward", BACKWARDS)
def test_gradient_at_the_corners(backward: str) -> None:
    corners = [-1.0, 0.0, 1e-12, 3 * STEP, 3 * STEP + 1e-9, 3 * STEP + 1.0]
    x = torch.tensor(corners, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(HWGQ(backward=backward)(x).sum(), x)
    assert gradient.tolist() == pytest.approx([formula(c, backward) for c in corners])


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"bits": 3}, "found 3"),
        ({"backward": "sign"}, "found 'sign'"),
        ({"thresholds": "even"}, "expected half-wave, nearest, found 'even'"),
        ({"thresholds": [0.1, 0.2, 0.3]}, "found \\[0.1, 0.2, 0.3\\]"),
    ],
)
def test_other_options_are_refused(options: dict[str, object], found: str) -> None:
    with pytest.raises(OptionError, match=found):
        HWGQ(**options)  # type: ignore[arg-type]
