"""How a run chooses between plain, compiled and recorded steps."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from torch import nn

from edgebin.train import step
from edgebin.train.backend.distributed import World
from edgebin.train.data.source import DataSet
from edgebin.train.objective.objective import Objective
from edgebin.train.recipe.recipe import DistillationRecipe, Recipe, parse_recipe
from edgebin.train.state import fresh_state

CPU = torch.device("cpu")


def test_named_networks_on_one_gpu_are_recorded_where_they_are_compiled(
    table: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    cuda = torch.device("cuda", 1)
    table["run"]["compile"] = True
    recipe = parse_recipe(table, source="tiny.toml")
    assert step.can_be_graphed(recipe, cuda)
    assert not step.can_be_graphed(recipe, CPU)
    assert not step.can_be_graphed(dataclasses.replace(recipe, network=None), cuda)
    monkeypatch.setattr(step, "world", lambda: World(0, 2))
    assert not step.can_be_graphed(recipe, cuda)
    monkeypatch.undo()
    table["run"]["compile"] = False
    assert not step.can_be_graphed(parse_recipe(table, source="tiny.toml"), cuda)


@pytest.mark.parametrize("compiles", [False, True])
def test_it_says_that_it_compiles_before_it_does(
    table: dict[str, dict[str, Any]],
    data: DataSet,
    monkeypatch: pytest.MonkeyPatch,
    compiles: bool,
) -> None:
    said: list[str] = []

    def compile_(network: nn.Module, **_: Any) -> nn.Module:
        said.append("compiles")
        return network

    monkeypatch.setattr(torch, "compile", compile_)
    table["run"]["compile"] = compiles
    recipe = parse_recipe(table, source="tiny.toml")
    made = step.make_step(fresh_state(recipe, data, device=CPU), recipe, data, said.append)
    assert isinstance(made, Objective)
    line = "compiling the network, which takes up to some minutes"
    assert said == ([line, "compiles"] if compiles else [])


def test_a_teacher_is_compiled_beside_its_student_and_stays_the_states(
    table: dict[str, dict[str, Any]], data: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "compile", lambda network, **options: nn.Sequential(network))
    table["run"]["compile"] = True
    recipe: Recipe = dataclasses.replace(
        parse_recipe(table, source="tiny.toml"), distillation=DistillationRecipe(0.5, 2.0)
    )
    teacher = fresh_state(parse_recipe(table, source="tiny.toml"), data, device=CPU).network
    state = fresh_state(recipe, data, device=CPU, teacher=teacher)
    made = step.make_step(state, recipe, data, lambda line: None)
    assert isinstance(made, Objective)
    assert made.teacher is not None
    assert isinstance(made.teacher.network, nn.Sequential)
    assert made.teacher.network[0] is teacher
    assert state.teacher is not None
    assert state.teacher.network is teacher
