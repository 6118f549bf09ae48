"""Distillation: the loss, the teacher that never changes, and what does not fit."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from edgebin.errors import CheckpointError, OptionError, RecipeError
from edgebin.graph.preprocessing import Preprocessing
from edgebin.train.checkpoint.checkpoint import load_checkpoint
from edgebin.train.data.source import DataSet
from edgebin.train.objective.distillation import distillation_loss, load_teacher, weights_sha256
from edgebin.train.recipe.recipe import Recipe, parse_recipe, recipe_data
from training.tiny_training import quiet_run, stop_after_two

CPU = torch.device("cpu")
Table = dict[str, dict[str, Any]]


def teacher(classes: int = 3, seed: int = 5) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 6, 3),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, classes),
    )


@pytest.fixture
def distilled(table: Table) -> Recipe:
    table["distillation"] = {"weight": 0.7, "temperature": 4}
    return parse_recipe(table, source="tiny.toml")


def test_the_loss_is_hintons() -> None:
    torch.manual_seed(0)
    student = torch.randn(5, 4, requires_grad=True)
    target = torch.randn(5, 4)
    p, q = F.softmax(target / 3, 1), F.softmax(student / 3, 1)
    expected = 9 * (p * (p.log() - q.log())).sum(1).mean()
    loss = distillation_loss(student, target, 3.0)
    torch.testing.assert_close(loss, expected)
    (gradient,) = torch.autograd.grad(loss, student)
    torch.testing.assert_close(gradient, 3 * (q - p) / 5)
    assert distillation_loss(target, target, 3.0).item() == pytest.approx(0, abs=1e-6)


def test_the_first_loss_is_the_two_parts_by_weight(
    table: Table, data: DataSet, tmp_path: Path
) -> None:
    table["schedule"] |= {"epochs": 1, "batch_size": 34}

    def first(weight: float | None) -> float:
        if weight is None:
            table.pop("distillation", None)
        else:
            table["distillation"] = {"weight": weight, "temperature": 2}
        recipe = parse_recipe(table, source="x")
        learned = {} if weight is None else {"teacher": teacher()}
        loss: float = quiet_run(recipe, data, tmp_path / str(weight), **learned)[1]["loss"]
        return loss

    plain, taught, mixed = first(None), first(1.0), first(0.25)
    assert mixed == pytest.approx(0.75 * plain + 0.25 * taught, rel=1e-5)
    assert plain != pytest.approx(taught, rel=1e-3)


def test_the_teacher_stays_as_it_is_and_the_log_names_it(
    distilled: Recipe, data: DataSet, tmp_path: Path
) -> None:
    master = teacher()
    before = weights_sha256(master)
    header, *_ = quiet_run(distilled, data, tmp_path, teacher=master)
    assert weights_sha256(master) == before
    assert not master.training
    assert all(parameter.grad is None for parameter in master.parameters())
    assert header["teacher"] == {"sha256": before}
    assert load_checkpoint(tmp_path / "checkpoint.pt").teacher == before


class Wrapped(nn.Module):
    """Stands for what `torch.compile` gives, whose state dict has other names."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self._orig_mod = network

    def forward(self, x: torch.Tensor) -> Any:
        return self._orig_mod(x)


def compiling(recipe: Recipe) -> Recipe:
    return dataclasses.replace(recipe, run=dataclasses.replace(recipe.run, compile=True))


def test_a_teacher_is_compiled_where_its_student_is_and_the_run_resumes(
    distilled: Recipe, data: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, bool]] = []

    def compiled(network: nn.Module, **_: Any) -> nn.Module:
        seen.append((network.training, torch.is_grad_enabled()))
        return Wrapped(network)

    monkeypatch.setattr(torch, "compile", compiled)
    quiet_run(distilled, data, tmp_path / "plain", teacher=teacher())
    assert seen == []
    fast = compiling(distilled)
    with pytest.raises(KeyboardInterrupt):
        quiet_run(fast, data, tmp_path / "fast", teacher=teacher(), on_epoch=stop_after_two)
    assert seen == [(True, True), (False, False)]
    quiet_run(fast, data, tmp_path / "fast", teacher=teacher(), resume=True)
    one, two = (load_checkpoint(tmp_path / n / "checkpoint.pt") for n in ("plain", "fast"))
    assert one.teacher == two.teacher
    assert all(torch.equal(one.model[key], two.model[key]) for key in one.model)


def test_without_a_compiler_the_teacher_is_not_tried(
    distilled: Recipe, data: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[nn.Module] = []

    def broken(network: nn.Module, _x: torch.Tensor) -> Any:
        tried.append(network)
        raise RuntimeError("no compiler")

    monkeypatch.setattr(torch, "compile", lambda network, **options: partial(broken, network))
    quiet_run(compiling(distilled), data, tmp_path, teacher=teacher())
    assert len(tried) == 1


def test_it_resumes_bit_for_bit_and_with_the_same_teacher_only(
    distilled: Recipe, data: DataSet, tmp_path: Path
) -> None:
    quiet_run(distilled, data, tmp_path / "straight", teacher=teacher())
    broken = tmp_path / "broken"
    with pytest.raises(KeyboardInterrupt):
        quiet_run(distilled, data, broken, teacher=teacher(), on_epoch=stop_after_two)
    with pytest.raises(CheckpointError, match=r"expected the teacher of the run, weights with SHA"):
        quiet_run(distilled, data, broken, teacher=teacher(seed=6), resume=True)
    quiet_run(distilled, data, broken, teacher=teacher(), resume=True)
    one, two = (load_checkpoint(tmp_path / n / "checkpoint.pt") for n in ("straight", "broken"))
    assert all(torch.equal(one.model[key], two.model[key]) for key in one.model)


def test_the_digest_is_of_the_weights_and_not_of_their_layout() -> None:
    plain, other = teacher(), teacher()
    other.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    assert weights_sha256(plain) == weights_sha256(other)
    other.get_parameter("6.bias").data[0] += 1
    assert weights_sha256(plain) != weights_sha256(other)


def test_table_and_teacher_come_together(
    recipe: Recipe, distilled: Recipe, data: DataSet, tmp_path: Path
) -> None:
    message = r"tiny.toml: expected a table \[distillation\] and a teacher, found the "
    with pytest.raises(RecipeError, match=message + "teacher alone"):
        quiet_run(recipe, data, tmp_path, teacher=teacher())
    with pytest.raises(RecipeError, match=message + "table alone"):
        quiet_run(distilled, data, tmp_path)
    with pytest.raises(OptionError, match=r"teacher: expected logits \(1, 3\) .*found \(1, 5\)"):
        quiet_run(distilled, data, tmp_path, teacher=teacher(5))
    own = teacher()
    free = dataclasses.replace(distilled, network=None)
    with pytest.raises(OptionError, match="teacher: expected another network than the student"):
        quiet_run(free, data, tmp_path, network=own, teacher=own)
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_that_sees_other_images_is_no_teacher(
    recipe: Recipe, data: DataSet, tmp_path: Path
) -> None:
    quiet_run(recipe, data, tmp_path)
    path = tmp_path / "checkpoint.pt"
    assert isinstance(load_teacher(path, data), nn.Module)
    with pytest.raises(CheckpointError, match="expected a teacher of the 3 classes of the data"):
        load_teacher(path, dataclasses.replace(data, classes=("a", "b", "c")))
    half = (0.5, 0.5, 0.5)
    other = dataclasses.replace(data, preprocessing=Preprocessing(half, half, 8, input_size=8))
    with pytest.raises(CheckpointError, match=r"teacher: expected scale \(0.5, 0.5, 0.5\), found "):
        load_teacher(path, other)


def test_a_teacher_may_have_seen_images_of_another_size_if_it_takes_these(
    recipe: Recipe, table: Table, data: DataSet, tmp_path: Path
) -> None:
    quarters = (0.25, 0.25, 0.25)
    larger = dataclasses.replace(
        data, preprocessing=Preprocessing((0.5, 0.5, 0.5), quarters, 16, input_size=16)
    )
    quiet_run(recipe, data, tmp_path / "any")
    assert isinstance(load_teacher(tmp_path / "any" / "checkpoint.pt", larger), nn.Module)
    flat = {**table, "network": {"name": "vgg_small", "width": 0.02}}
    quiet_run(parse_recipe(flat, source="flat"), data, tmp_path / "one")
    with pytest.raises(OptionError, match=r"teacher: expected logits .* \(1, 3, 16, 16\)"):
        load_teacher(tmp_path / "one" / "checkpoint.pt", larger)


def test_the_table_comes_back_equal(distilled: Recipe) -> None:
    assert recipe_data(distilled)["distillation"] == {"weight": 0.7, "temperature": 4.0}
    assert parse_recipe(recipe_data(distilled), source="tiny.toml") == distilled


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": 1.5}, "weight: expected a number above 0 and at most 1, found 1.5"),
        ({"temperature": 0}, "temperature: expected a number above 0 and at most 1000, found 0"),
        ({"teacher": "x"}, "teacher: expected no such key, found 'x'"),
    ],
)
def test_an_impossible_entry_is_named(table: Table, change: dict[str, Any], message: str) -> None:
    table["distillation"] = {"weight": 0.5, "temperature": 1, **change}
    with pytest.raises(RecipeError, match=rf"x: \[distillation\] {message}"):
        parse_recipe(table, source="x")
