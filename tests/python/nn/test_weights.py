"""Quantised weights: binary alpha and sign, int8 scales, and their straight-through gradients."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from edgebin.nn.weights import (
    binary_scale,
    binary_weight,
    int8_codes,
    int8_scale,
    int8_weight,
)


def test_binary_weight_is_the_mean_magnitude_times_the_sign() -> None:
    weight = torch.tensor([[1.0, -2.0, 3.0, -2.0], [0.5, 0.5, -0.5, 2.5]])
    expected = [[2.0, -2.0, 2.0, -2.0], [1.0, 1.0, -1.0, 1.0]]
    assert binary_weight(weight).tolist() == expected
    assert binary_scale(weight).tolist() == [[2.0], [1.0]]


def test_the_sign_of_zero_is_plus_one() -> None:
    weight = torch.tensor([[0.0, -0.0, -4.0, 4.0]])
    assert binary_weight(weight).tolist() == [[2.0, 2.0, -2.0, 2.0]]


def test_binary_scale_is_per_filter() -> None:
    weight = torch.randn(5, 4, 3, 3)
    assert binary_scale(weight).shape == (5, 1, 1, 1)
    assert torch.allclose(binary_scale(weight).flatten(), weight.abs().mean((1, 2, 3)))


def test_int8_codes_round_half_to_even_and_reach_127() -> None:
    weight = torch.tensor([[127.0, 0.5, 1.5, 2.5, -0.5, -1.5, -127.0]])
    assert int8_codes(weight).tolist() == [[127, 0, 2, 2, 0, -2, -127]]
    assert int8_weight(weight * 2).tolist() == [[254, 0, 4, 4, 0, -4, -254]]


@pytest.mark.parametrize("tiny", [0.0, 1e-45])
def test_int8_of_a_vanishing_row_is_finite(tiny: float) -> None:
    weight = torch.tensor([[tiny, -tiny], [1.0, 2.0]])
    assert int8_scale(weight)[0].item() == 1.0
    assert int8_weight(weight)[0].tolist() == [0.0, 0.0]


def test_int8_error_is_at_most_half_a_scale() -> None:
    weight = torch.randn(8, 3, 5, 5, dtype=torch.float64)
    error = (int8_weight(weight) - weight).abs()
    assert bool((error <= int8_scale(weight) / 2 * (1 + 1e-12)).all())


@pytest.mark.parametrize("quantise", [binary_weight, int8_weight])
def test_gradient_goes_through_unclipped(quantise: Callable[[Tensor], Tensor]) -> None:
    weight = (torch.randn(4, 3, 3, 3) * 10).requires_grad_()
    upstream = torch.randn(4, 3, 3, 3)
    (gradient,) = torch.autograd.grad(quantise(weight), weight, upstream)
    assert torch.equal(gradient, upstream)
