"""Runs that start from the weights of another."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from edgebin.errors import CheckpointError, EdgebinWarning
from edgebin.train.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from edgebin.train.data.source import DataSet
from edgebin.train.initial_weights import load_initial_weights
from edgebin.train.loop import fit
from edgebin.train.recipe.recipe import Recipe, parse_recipe
from edgebin.train.state import as_checkpoint, fresh_state

CPU = torch.device("cpu")


@pytest.fixture
def first(recipe: Recipe, data: DataSet, tmp_path: Path) -> Path:
    """The checkpoint of a run with int8 stem."""
    console = Console(file=io.StringIO())
    return fit(recipe, data, tmp_path / "first", device=CPU, console=console).checkpoint


def test_a_run_with_other_options_starts_from_its_weights(
    first: Path, table: dict[str, dict[str, Any]], data: DataSet, tmp_path: Path
) -> None:
    table["network"]["first"] = "float32"
    table["optimizer"] = {"name": "sgd", "lr": 1e-30, "momentum": 0.0}
    table["schedule"]["epochs"] = 1
    recipe = parse_recipe(table, source="second.toml")
    out = tmp_path / "second"
    fit(recipe, data, out, device=CPU, init=first, console=Console(file=io.StringIO()))
    before, after = load_checkpoint(first), load_checkpoint(out / "checkpoint.pt")
    assert after.options["first"] == "float32"
    assert (after.epoch, after.step) == (1, 4)
    weights = [name for name in before.model if name.endswith(("weight", "bias"))]
    assert all(torch.equal(before.model[name], after.model[name]) for name in weights)
    header = json.loads((out / "log.jsonl").read_text().splitlines()[0])
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    assert header["init"] == {"path": str(first), "sha256": digest}


def changed(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = torch.load(path, weights_only=True)
    change(content["model"])
    torch.save(content, path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.pop("head.bias"), r"head.bias: expected shape \(3,\), found no such weights"),
        (
            lambda m: m.update({"head.bias": torch.zeros(4)}),
            r"head.bias: expected shape \(3,\), found shape \(4,\)",
        ),
        (
            lambda m: m.update(more=torch.zeros(4)),
            "more: expected weights of the network only, found another",
        ),
    ],
)
def test_the_first_name_or_shape_that_does_not_fit_is_named(
    recipe: Recipe,
    data: DataSet,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], None],
    message: str,
) -> None:
    state = fresh_state(recipe, data, device=CPU)
    path = tmp_path / "other.pt"
    save_checkpoint(path, as_checkpoint(state, recipe, data))
    changed(path, change)
    before = {name: value.clone() for name, value in state.network.state_dict().items()}
    with pytest.raises(CheckpointError, match=rf"other\.pt: {message}"):
        load_initial_weights(state.network, path)
    after = state.network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("shape", [(9, None), (3, 5)])
def test_a_last_layer_of_other_classes_or_features_starts_anew(
    recipe: Recipe, data: DataSet, tmp_path: Path, shape: tuple[int, int | None]
) -> None:
    other, state = (fresh_state(recipe, data, device=CPU) for _ in range(2))
    with torch.no_grad():
        for value in other.network.parameters():
            value.fill_(0.5)
    path = tmp_path / "other.pt"
    save_checkpoint(path, as_checkpoint(other, recipe, data))
    rows, columns = shape[0], shape[1] or other.network.state_dict()["head.weight"].shape[1]
    head = {"head.weight": torch.zeros(rows, columns), "head.bias": torch.zeros(rows)}
    changed(path, lambda m: m.update(head))
    before = {name: value.clone() for name, value in state.network.named_parameters()}
    message = rf"other\.pt: head\.weight: .* found shape \({rows}, {columns}\); head starts"
    with pytest.warns(EdgebinWarning, match=message):
        load_initial_weights(state.network, path)
    for name, value in state.network.named_parameters():
        expected = before[name] if name.startswith("head.") else torch.full_like(value, 0.5)
        assert torch.equal(value, expected), name


def test_another_layer_of_another_shape_is_refused(
    recipe: Recipe, data: DataSet, tmp_path: Path
) -> None:
    state = fresh_state(recipe, data, device=CPU)
    path = tmp_path / "other.pt"
    save_checkpoint(path, as_checkpoint(state, recipe, data))
    changed(path, lambda m: m.update({next(iter(m)): torch.zeros(1, 2, 3)}))
    with pytest.raises(CheckpointError, match=r"found shape \(1, 2, 3\)"):
        load_initial_weights(state.network, path)


def test_a_start_that_is_missing_leaves_no_folder(
    recipe: Recipe, data: DataSet, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match="found no such file"):
        fit(recipe, data, tmp_path / "run", device=CPU, init=tmp_path / "none.pt")
    assert not (tmp_path / "run").exists()


def test_a_run_that_was_stopped_resumes_beside_the_start_that_it_began_from(
    recipe: Recipe, data: DataSet, first: Path, tmp_path: Path
) -> None:
    arguments: dict[str, Any] = {
        "device": CPU,
        "init": first,
        "console": Console(file=io.StringIO()),
    }
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    fit(recipe, data, straight, **arguments)
    with pytest.raises(KeyboardInterrupt):
        fit(recipe, data, broken, on_epoch=stop, **arguments)
    fit(recipe, data, broken, resume=True, **arguments)
    assert [entry["event"] for entry in log_of(broken)].count("resume") == 1
    ours, theirs = (load_checkpoint(out / "checkpoint.pt").model for out in (broken, straight))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def stop(_result: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def second(recipe: Recipe, data: DataSet, first: Path, tmp_path: Path) -> Path:
    """The folder of a run that began from the first."""
    console = Console(file=io.StringIO())
    return fit(
        recipe, data, tmp_path / "second", device=CPU, init=first, console=console
    ).checkpoint.parent


def refusal(recipe: Recipe, data: DataSet, out: Path, init: Path) -> str:
    before = (out / "log.jsonl").read_bytes()
    with pytest.raises(CheckpointError) as caught:
        fit(recipe, data, out, device=CPU, init=init, resume=True)
    assert (out / "log.jsonl").read_bytes() == before
    return str(caught.value)


def test_another_start_is_refused(
    recipe: Recipe, data: DataSet, first: Path, second: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.pt"
    other.write_bytes(first.read_bytes() + b" ")
    began, found = (hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, other))
    assert refusal(recipe, data, second, other) == (
        f"{other}: expected the checkpoint with SHA-256 {began} as the run's start, for it began "
        f"so, found {found}; resuming needs no --init"
    )
    nothing = refusal(recipe, data, first.parent, other)
    assert f"expected none as the run's start, for it began so, found {found}; " in nothing
    missing = tmp_path / "none.pt"
    reason = f"{missing}: cannot be read: No such file or directory"
    assert refusal(recipe, data, second, missing) == reason
    os.mkfifo(tmp_path / "pipe")
    assert "a device or a pipe stands there" in refusal(recipe, data, second, tmp_path / "pipe")


@pytest.mark.parametrize("init", ["a/b.pt", {}, {"sha256": 5}, {"sha256": "a\nb"}, []])
def test_a_header_with_a_damaged_start_is_refused(
    recipe: Recipe, data: DataSet, first: Path, second: Path, init: object
) -> None:
    log = second / "log.jsonl"
    header, *rest = log.read_text().splitlines(keepends=True)
    log.write_text(json.dumps({**json.loads(header), "init": init}) + "\n" + "".join(rest))
    assert refusal(recipe, data, second, first) == (
        f"{log}: init: expected a path and a SHA-256, found none"
    )


def test_a_log_that_was_lost_stops_nothing(
    recipe: Recipe, data: DataSet, first: Path, second: Path
) -> None:
    (second / "log.jsonl").unlink()
    for _ in range(2):  # the second time it is there, without a header
        console = Console(file=io.StringIO())
        fit(recipe, data, second, device=CPU, init=first, resume=True, console=console)


def log_of(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
