"""Recalibration: the mean over batches, and nothing else changes."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from edgebin.errors import OptionError
from edgebin.nn.recalibrate import recalibrate


def network() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.BatchNorm2d(3, momentum=0.3, affine=False),
        nn.Conv2d(3, 5, 3),
        nn.Dropout(0.5),
        nn.Sequential(nn.BatchNorm2d(5, momentum=None), nn.ReLU()),
        nn.BatchNorm2d(5, track_running_stats=False),
    )


def momenta(network: nn.Module) -> list[float | None]:
    return [m.momentum for m in network.modules() if isinstance(m, nn.BatchNorm2d)]


def batches() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return [torch.randn(6, 3, 7, 7, generator=generator) * (1 + k) + k for k in range(4)]


def test_statistics_are_the_mean_over_the_batches() -> None:
    given = batches()
    made = network()
    made[0].get_buffer("running_mean").fill_(100)
    recalibrate(made, iter(given))
    mean = torch.stack([batch.mean((0, 2, 3)) for batch in given]).mean(0)
    variance = torch.stack([batch.var((0, 2, 3)) for batch in given]).mean(0)
    torch.testing.assert_close(made[0].running_mean, mean)
    torch.testing.assert_close(made[0].running_var, variance)

    norm = nn.BatchNorm2d(3, affine=False)
    inner = torch.stack([made[1](norm(batch)).mean((0, 2, 3)) for batch in given]).mean(0)
    torch.testing.assert_close(made[3].get_buffer("0.running_mean"), inner)
    assert made[3].get_buffer("0.num_batches_tracked") == 4


@pytest.mark.parametrize("training", [True, False])
def test_modes_momenta_weights_and_random_numbers_stay(training: bool) -> None:
    made = network().train(training)
    made[3].eval()
    weights = copy.deepcopy(list(made.parameters()))
    modes = [module.training for module in made.modules()]
    random = torch.get_rng_state()
    recalibrate(made, batches())
    assert [module.training for module in made.modules()] == modes
    assert momenta(made) == [0.3, None, 0.1]
    assert all(map(torch.equal, weights, made.parameters()))
    assert torch.equal(torch.get_rng_state(), random)
    assert all(parameter.grad is None for parameter in made.parameters())


def test_a_failing_batch_puts_modes_back() -> None:
    made = network()
    with pytest.raises(RuntimeError):
        recalibrate(made, [torch.zeros(6, 4, 7, 7)])
    assert made.training
    assert momenta(made) == [0.3, None, 0.1]


def test_no_batch_is_one_line() -> None:
    with pytest.raises(OptionError, match="expected at least one batch, found none"):
        recalibrate(network(), [])
