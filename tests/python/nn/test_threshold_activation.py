"""Activations with given thresholds: against the quantisers they stand for, gradients, refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn import ThresholdActivation
from edgebin.nn.capturing import capture_operators

SIXTHS = [1 / 6, 1 / 2, 5 / 6]
THIRDS = [0, 1 / 3, 2 / 3, 1]


def dorefa(x: Tensor) -> Tensor:
    return (x.clamp(0, 1) * 3).round() / 3


def signed_lsq(x: Tensor) -> Tensor:
    return 0.3 * (x / 0.3).round().clamp(-2, 1)


def ternary(x: Tensor) -> Tensor:
    return (x > 0.4).to(x.dtype) - (x < -0.4).to(x.dtype)


QUANTISERS: dict[str, tuple[nn.Module, Callable[[Tensor], Tensor]]] = {
    "dorefa": (ThresholdActivation(SIXTHS, THIRDS), dorefa),
    "lsq": (ThresholdActivation([-0.45, -0.15, 0.15], [-0.6, -0.3, 0, 0.3]), signed_lsq),
    "ternary": (ThresholdActivation([-0.4, 0.4], [-1, 0, 1]), ternary),
    "bipolar": (ThresholdActivation([0], [-1, 1]), torch.sign),
}


@pytest.mark.parametrize("name", QUANTISERS)
def test_it_is_the_quantiser_that_it_stands_for(name: str) -> None:
    activation, quantiser = QUANTISERS[name]
    x = torch.linspace(-2.001, 2.002, 4001).reshape(1, 1, -1, 1)
    torch.testing.assert_close(activation(x), quantiser(x), rtol=0, atol=1e-6)


def test_each_channel_has_its_own_thresholds() -> None:
    rows = torch.tensor([[-3, 0, 3], [5, 5, 7], [-1, 1, 20]])
    x = torch.arange(-25, 25).float().reshape(2, 1, 25).repeat(1, 3, 1)
    expected = torch.stack([(x[:, c, :, None] > rows[c]).sum(-1) for c in range(3)], 1)
    activation = ThresholdActivation(rows)
    assert torch.equal(activation(x), expected.float())
    assert torch.equal(activation(x[:, :, 3]), expected[:, :, 3].float())
    with pytest.raises(OptionError, match=r"expected an input \(N, 3, ...\), found \(2, 4\)"):
        activation(torch.zeros(2, 4))


def test_a_threshold_that_float32_lacks_is_rounded_down() -> None:
    """0.1 lies between two float32 numbers, of which the nearest is above it."""
    above = torch.tensor(0.1)
    assert above.double() > 0.1
    activation = ThresholdActivation([0.1])
    assert activation(above) == 1
    assert activation(torch.nextafter(above, torch.tensor(0.0))) == 0


def test_a_threshold_itself_has_the_lower_level() -> None:
    activation = ThresholdActivation([-1, 0, 2], [-2, -1, 0, 1])
    assert activation(torch.tensor([-1.0, 0.0, 2.0])).tolist() == [-2, -1, 0]


def test_infinite_thresholds_are_always_or_never_exceeded() -> None:
    activation = ThresholdActivation([-math.inf, 0, math.inf])
    assert activation(torch.tensor([-9.0, 9.0])).tolist() == [1, 2]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_shape_and_dtype_stay(dtype: torch.dtype) -> None:
    x = torch.randn(2, 3, 4, dtype=dtype)
    y = ThresholdActivation([0.0], [-1, 1])(x)
    assert (y.shape, y.dtype) == (x.shape, dtype)


@pytest.mark.parametrize(
    ("activation", "inside"),
    [
        (ThresholdActivation([0], [-1, 1]), (-1, 1)),
        (ThresholdActivation(SIXTHS, THIRDS), (0, 1)),
        (ThresholdActivation([-100, 100], clip=(-150, math.inf)), (-150, math.inf)),
    ],
)
def test_the_gradient_passes_unchanged_inside(
    activation: nn.Module, inside: tuple[float, float]
) -> None:
    points = [-1000.0, -1.5, -1.0, -0.5, 0.0, 0.7, 1.0, 1.0001, 1000.0]
    x = torch.tensor(points, requires_grad=True)
    (gradient,) = torch.autograd.grad(activation(x), x, torch.full_like(x, 2.5))
    assert gradient.tolist() == [2.5 if inside[0] <= p <= inside[1] else 0.0 for p in points]


def test_it_keeps_its_thresholds_in_the_state() -> None:
    saved = ThresholdActivation([[1, 2, 3], [4, 5, 6]]).state_dict()
    other = ThresholdActivation(torch.zeros(2, 3))
    other.load_state_dict(saved)
    assert other.thresholds.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert not list(other.parameters())


def test_the_exporter_sees_one_node() -> None:
    layer, x = ThresholdActivation([[1, 2], [0, 3]], [-1, 0, 1]), torch.randn(2, 2, 3, 3) * 3
    with capture_operators():
        program = torch.export.export(layer.eval(), (x,), strict=False)
    (node,) = [node for node in program.graph.nodes if node.op == "call_function"]
    assert str(node.target) == "edgebin.threshold_activation.default"
    assert torch.equal(program.module()(x), layer(x))


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (([1, 2, 3, 4],), r"expected 1 to 3 for each channel, found a shape of \(1, 4\)"),
        (([],), r"expected 1 to 3 for each channel, found a shape of \(1, 0\)"),
        (
            ([[1, 2], [3]],),
            r"expected numbers, as many for each channel, found \[\[1, 2\], \[3\]\]",
        ),
        (("half-wave",), "expected numbers, as many for each channel, found 'half-wave'"),
        (([3, 2],), "thresholds: expected ascending numbers, found 3, 2"),
        (([[1, 2], [2, 1]],), "thresholds of channel 1: expected ascending numbers, found 2, 1"),
        (([math.nan],), "expected ascending numbers, found nan"),
        (([0, 1], [0, 1]), "levels: expected 3, one more than thresholds, found 0, 1"),
        (([0, 1], [0, 1, 3]), "expected ascending and evenly spaced numbers, found 0, 1, 3"),
        (([0], [1, -1]), "expected ascending and evenly spaced numbers, found 1, -1"),
        (([0], [0, math.inf]), "expected ascending and evenly spaced numbers, found 0, inf"),
        (([0], None, (1, 1)), r"clip: expected low < high, found \(1, 1\)"),
        (([0], None, 3), r"clip: expected \(low, high\), found 3"),
    ],
)
def test_what_the_runtime_cannot_express_is_refused(arguments: Any, found: str) -> None:
    thresholds, levels, clip = (*arguments, None, None)[:3]
    with pytest.raises(OptionError, match=found) as caught:
        ThresholdActivation(thresholds, levels, clip=clip)
    assert "\n" not in str(caught.value)
