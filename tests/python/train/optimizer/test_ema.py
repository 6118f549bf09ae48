"""The moving average: what it is, what is scored and exported, and that it resumes."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from edgebin.errors import CheckpointError, OptionError, RecipeError
from edgebin.nn.networks import build
from edgebin.train.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from edgebin.train.checkpoint.network import load_network
from edgebin.train.data.source import DataSet
from edgebin.train.evaluation import evaluate
from edgebin.train.optimizer.ema import MovingAverage
from edgebin.train.recipe.recipe import EmaRecipe, Recipe, parse_recipe, recipe_data
from edgebin.train.state import as_checkpoint, fresh_state, resumed_state
from training.tiny_training import quiet_run, stop_after_two

CPU = torch.device("cpu")
Table = dict[str, dict[str, Any]]


@pytest.fixture
def averaged(table: Table) -> Recipe:
    table["ema"] = {"decay": 0.9, "recalibrate": 2}
    return parse_recipe(table, source="tiny.toml")


def test_the_average_follows_with_the_decay_and_faster_at_first() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    average = MovingAverage(network, EmaRecipe(0.5, 0))
    nn.init.ones_(network.weight)
    expected = 0.0
    for step in range(1, 15):
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay)
        average.update(network, step)
        assert average.network.get_parameter("weight").item() == pytest.approx(expected)
    assert network.weight.item() == 1


def test_training_is_the_same_with_and_without_it(
    recipe: Recipe, averaged: Recipe, data: DataSet, tmp_path: Path
) -> None:
    plain, other = (
        quiet_run(recipe, data, tmp_path / "plain"),
        quiet_run(averaged, data, tmp_path / "average"),
    )
    assert [line.get("loss") for line in plain] == [line.get("loss") for line in other]
    one, two = (load_checkpoint(tmp_path / n / "checkpoint.pt") for n in ("plain", "average"))
    assert one.raw is None
    assert two.raw is not None
    assert all(torch.equal(one.model[key], two.raw[key]) for key in one.model)
    assert torch.equal(one.data_rng, two.data_rng)
    assert not torch.equal(two.model["head.weight"], two.raw["head.weight"])
    assert plain[1]["holdout_loss"] != other[1]["holdout_loss"]


def test_scores_are_of_what_the_checkpoint_exports(
    averaged: Recipe, data: DataSet, tmp_path: Path
) -> None:
    *_, last, end = quiet_run(averaged, data, tmp_path)
    network, checkpoint = load_network(tmp_path / "checkpoint.pt")
    assert checkpoint.model["norm.num_batches_tracked"] == 2
    assert data.holdout is not None
    assert data.test is not None
    held = evaluate(network, data.holdout, checkpoint.preprocessing, channels_last=True)
    test = evaluate(network, data.test, checkpoint.preprocessing, channels_last=True)
    assert held.accuracy == last["holdout_accuracy"]
    assert held.loss == pytest.approx(last["holdout_loss"], rel=1e-4)
    assert test.accuracy == end["test_accuracy"]


def test_an_own_network_ends_with_what_was_scored(
    table: Table, data: DataSet, tmp_path: Path
) -> None:
    table["ema"] = {"decay": 0.9, "recalibrate": 2}
    options: dict[str, Any] = table.pop("network")
    network = build(options.pop("name"), num_classes=3, input_size=8, **options)
    quiet_run(parse_recipe(table, source="own"), data, tmp_path, network=network)
    checkpoint = load_checkpoint(tmp_path / "checkpoint.pt")
    assert checkpoint.raw is not None
    weights = network.state_dict()
    assert all(torch.equal(weights[key], value) for key, value in checkpoint.model.items())
    assert not torch.equal(weights["head.weight"], checkpoint.raw["head.weight"])


def test_without_batches_the_statistics_are_those_of_training(
    table: Table, data: DataSet, tmp_path: Path
) -> None:
    table["ema"] = {"decay": 0.9, "recalibrate": 0}
    quiet_run(parse_recipe(table, source="x"), data, tmp_path)
    checkpoint = load_checkpoint(tmp_path / "checkpoint.pt")
    assert checkpoint.raw is not None
    name = "norm.running_mean"
    assert torch.equal(checkpoint.model[name], checkpoint.raw[name])


@pytest.mark.parametrize("distilled", [False, True])
def test_two_epochs_and_two_resumed_are_four_bit_for_bit(
    table: Table, data: DataSet, tmp_path: Path, distilled: bool
) -> None:
    table["ema"] = {"decay": 0.95, "recalibrate": 3}
    more: dict[str, Any] = {}
    if distilled:
        table["distillation"] = {"weight": 0.5, "temperature": 3}
        torch.manual_seed(5)
        more["teacher"] = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    recipe = parse_recipe(table, source="tiny.toml")
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    quiet_run(recipe, data, straight, **more)
    with pytest.raises(KeyboardInterrupt):
        quiet_run(recipe, data, broken, on_epoch=stop_after_two, **more)
    torch.manual_seed(999)
    quiet_run(recipe, data, broken, resume=True, **more)
    one, two = (load_checkpoint(out / "checkpoint.pt") for out in (straight, broken))
    assert one.raw is not None
    assert two.raw is not None
    assert all(torch.equal(one.model[key], two.model[key]) for key in one.model)
    assert all(torch.equal(one.raw[key], two.raw[key]) for key in one.raw)
    assert torch.equal(one.data_rng, two.data_rng)
    assert torch.equal(one.torch_rng, two.torch_rng)


def test_a_checkpoint_without_the_weights_in_training_does_not_resume(
    averaged: Recipe, data: DataSet, tmp_path: Path
) -> None:
    path = tmp_path / "checkpoint.pt"
    kept = as_checkpoint(fresh_state(averaged, data, device=CPU), averaged, data)
    save_checkpoint(path, dataclasses.replace(kept, raw=None))
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt: expected an entry 'raw', found no"):
        resumed_state(averaged, data, path, device=CPU)
    save_checkpoint(path, dataclasses.replace(kept, raw={"a": torch.zeros(1)}))
    with pytest.raises(CheckpointError, match="the weights do not fit resnet20: "):
        resumed_state(averaged, data, path, device=CPU)


def test_a_start_from_other_weights_is_the_start_of_the_average(
    averaged: Recipe, data: DataSet, tmp_path: Path
) -> None:
    quiet_run(averaged, data, tmp_path)
    path = tmp_path / "checkpoint.pt"
    state = fresh_state(averaged, data, device=CPU, init=path)
    weights = load_checkpoint(path).model
    assert torch.equal(state.evaluated.get_parameter("head.weight"), weights["head.weight"])
    assert torch.equal(state.network.get_parameter("head.weight"), weights["head.weight"])


def test_a_network_that_cannot_be_copied_is_one_line() -> None:
    network = nn.Linear(2, 2)
    network.more = network.weight * 2
    with pytest.raises(OptionError, match=r"\[ema\]: expected a network to copy, found: Only"):
        MovingAverage(network, EmaRecipe(0.9, 0))


def test_the_table_comes_back_equal(table: Table, averaged: Recipe) -> None:
    assert parse_recipe(recipe_data(averaged), source="tiny.toml") == averaged
    table["ema"] = {"decay": 0.5}
    assert parse_recipe(table, source="x").ema == EmaRecipe(0.5, 50)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"decay": 1.0}, "decay: expected a number in 0..0.999999, found 1.0"),
        ({"recalibrate": -1}, r"recalibrate: expected an integer in 0\.\.1000000, found -1"),
        ({"momentum": 0.1}, "momentum: expected no such key, found 0.1"),
    ],
)
def test_an_impossible_entry_is_named(table: Table, change: dict[str, Any], message: str) -> None:
    table["ema"] = {"decay": 0.5, **change}
    with pytest.raises(RecipeError, match=rf"x: \[ema\] {message}"):
        parse_recipe(table, source="x")
