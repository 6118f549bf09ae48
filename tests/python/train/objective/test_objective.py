"""The loss of a step is the recipe's mixture, and its gradients replace those before."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.nn.networks import build
from edgebin.train.data.source import DataSet
from edgebin.train.evaluation import evaluate, network_input
from edgebin.train.objective.distillation import Teacher, distillation_loss
from edgebin.train.objective.objective import Objective
from edgebin.train.recipe.recipe import DistillationRecipe, parse_recipe
from edgebin.train.state import fresh_state

CPU = torch.device("cpu")
TEACHING = DistillationRecipe(weight=0.75, temperature=3.0)


def batch(data: DataSet) -> tuple[Tensor, Tensor]:
    images, labels = next(data.train.training(8, torch.Generator().manual_seed(0)))
    return network_input(images, data.preprocessing, channels_last=True), labels


def begun(table: dict[str, dict[str, Any]], data: DataSet, *, taught: bool) -> Objective:
    table["schedule"]["label_smoothing"] = 0.2
    recipe = parse_recipe(table, source="tiny.toml")
    state = fresh_state(recipe, data, device=CPU)
    teacher = None
    if taught:
        torch.manual_seed(1)
        network = build("resnet20", width=0.1, input_size=8, num_classes=3).eval()
        teacher = Teacher(network, TEACHING, "")
    return Objective(recipe, state.network.eval(), state.optimizer, teacher)


@pytest.mark.parametrize("taught", [False, True])
def test_the_loss_is_the_mixture_of_the_recipe(
    table: dict[str, dict[str, Any]], data: DataSet, taught: bool
) -> None:
    objective = begun(table, data, taught=taught)
    x, labels = batch(data)
    logits, loss = objective(x, labels)
    assert torch.equal(logits, objective.forward(x))
    wanted = F.cross_entropy(logits, labels, label_smoothing=0.2)
    if objective.teacher is not None:
        said = objective.teacher.network(x)
        wanted = 0.25 * wanted + 0.75 * distillation_loss(logits, said, 3.0)
    assert loss.item() == pytest.approx(wanted.item(), rel=1e-6)
    assert not logits.requires_grad
    assert not loss.requires_grad


def test_gradients_replace_those_of_the_step_before(
    table: dict[str, dict[str, Any]], data: DataSet
) -> None:
    objective = begun(table, data, taught=True)
    x, labels = batch(data)
    objective(x, labels)
    parameters = objective.optimizer.param_groups[0]["params"]
    first = [parameter.grad for parameter in parameters]
    assert all(gradient is not None and gradient.abs().sum() > 0 for gradient in first)
    objective(x, labels)
    for parameter, before in zip(parameters, first, strict=True):
        assert parameter.grad is not None
        assert before is not None
        assert torch.equal(parameter.grad, before)


def test_a_score_before_the_first_step_does_not_forbid_it(
    table: dict[str, dict[str, Any]], data: DataSet
) -> None:
    """What scoring keeps for its images, in inference mode, serves training."""
    objective = begun(table, data, taught=False)
    odd = dataclasses.replace(data.preprocessing, mean=(0.123, 0.456, 0.789))
    assert data.test is not None
    assert isinstance(objective.forward, nn.Module)
    evaluate(objective.forward, data.test, odd)
    images, labels = next(data.train.training(8, torch.Generator().manual_seed(0)))
    x = network_input(images, odd, channels_last=True)
    assert not x.is_inference()
    objective(x, labels)
