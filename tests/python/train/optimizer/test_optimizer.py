"""The learning rate against its formula, and which parameters are decayed."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from edgebin.train.optimizer.optimizer import learning_rate, make_optimizer
from edgebin.train.recipe.recipe import OptimizerRecipe, ScheduleRecipe


def schedule(kind: str, warmup: float = 1.0) -> ScheduleRecipe:
    return ScheduleRecipe(
        epochs=5, batch_size=2, warmup_epochs=warmup, kind=kind, label_smoothing=0.0
    )


def test_warm_up_is_a_line_to_the_base() -> None:
    rates = [learning_rate(2.0, schedule("cosine"), step, 10) for step in range(11)]
    assert rates == pytest.approx([0.2 * (step + 1) for step in range(10)] + [2.0])


def test_the_fall_is_a_cosine_or_a_line_to_zero() -> None:
    for step in range(10, 50):
        p = (step - 10) / 40
        cosine = learning_rate(2.0, schedule("cosine"), step, 10)
        assert cosine == pytest.approx(1 + math.cos(math.pi * p))
        assert learning_rate(2.0, schedule("linear"), step, 10) == pytest.approx(2 * (1 - p))


def test_a_run_may_be_all_warm_up_or_have_none() -> None:
    assert learning_rate(2.0, schedule("linear", 0.0), 0, 10) == 2.0
    assert learning_rate(2.0, schedule("linear", 5.0), 49, 10) == 2.0


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_vectors_are_not_decayed_unless_asked(name: str) -> None:
    network = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))

    def decays(decay_all: bool) -> list[tuple[int, float]]:
        recipe = OptimizerRecipe(
            name=name,
            lr=0.1,
            momentum=0.9,
            nesterov=True,
            weight_decay=0.01,
            decay_all=decay_all,
        )
        optimizer = make_optimizer(network, recipe)
        kind = torch.optim.SGD if name == "sgd" else torch.optim.AdamW
        assert isinstance(optimizer, kind)
        return [(len(group["params"]), group["weight_decay"]) for group in optimizer.param_groups]

    assert decays(True) == [(4, 0.01)]
    assert decays(False) == [(1, 0.01), (3, 0.0)]
