"""The loop: a resumed run equals an uninterrupted one, the log, and what stops a run."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from torch import nn

from edgebin.errors import CheckpointError, DataError, RecipeError
from edgebin.train import epoch as epoch_module
from edgebin.train import loop
from edgebin.train.checkpoint.checkpoint import load_checkpoint
from edgebin.train.checkpoint.network import load_network
from edgebin.train.data.source import DataSet
from edgebin.train.evaluation import evaluate
from edgebin.train.log import log as log_module
from edgebin.train.loop import fit
from edgebin.train.recipe.recipe import Recipe, parse_recipe
from edgebin.train.results import EpochResult, RunResult, Score

CPU = torch.device("cpu")
TIMES = ("seconds", "pictures_per_second")


def run(recipe: Recipe, data: DataSet, out: Path, **more: Any) -> tuple[RunResult, str]:
    screen = io.StringIO()
    console = Console(file=screen, width=200)
    return fit(recipe, data, out, device=CPU, console=console, **more), screen.getvalue()


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def untimed(out: Path, event: str) -> list[dict[str, Any]]:
    kept = [line for line in lines(out) if line["event"] == event]
    return [{key: line[key] for key in line if key not in TIMES} for line in kept]


def stop_after(epoch: int) -> Any:
    def on_epoch(result: EpochResult) -> None:
        if result.epoch == epoch:
            raise KeyboardInterrupt

    return on_epoch


@pytest.mark.parametrize(
    ("optimizer", "precision"), [("sgd", "float32"), ("adamw", "float32"), ("sgd", "bfloat16")]
)
def test_two_epochs_and_two_resumed_are_four_bit_for_bit(
    table: dict[str, dict[str, Any]],
    data: DataSet,
    tmp_path: Path,
    optimizer: str,
    precision: str,
) -> None:
    table["run"]["precision"] = precision
    if optimizer == "adamw":
        table["optimizer"] = {"name": "adamw", "lr": 0.01, "weight_decay": 0.1}
    recipe = parse_recipe(table, source="tiny.toml")
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    run(recipe, data, straight)
    with pytest.raises(KeyboardInterrupt):
        run(recipe, data, broken, on_epoch=stop_after(2))
    torch.manual_seed(999)
    run(recipe, data, broken, resume=True)

    one, two = (load_checkpoint(out / "checkpoint.pt") for out in (straight, broken))
    assert (two.epoch, two.step) == (4, 16)
    assert all(torch.equal(one.model[key], two.model[key]) for key in one.model)
    assert torch.equal(one.data_rng, two.data_rng)
    assert torch.equal(one.torch_rng, two.torch_rng)
    assert untimed(straight, "epoch") == untimed(broken, "epoch")
    assert untimed(straight, "end") == untimed(broken, "end")
    events = [line["event"] for line in lines(broken)]
    assert events == ["header", "epoch", "epoch", "resume", "epoch", "epoch", "end"]


def test_the_log_says_what_was_done(recipe: Recipe, data: DataSet, tmp_path: Path) -> None:
    result, screen = run(recipe, data, tmp_path)
    header, *epochs, end = lines(tmp_path)
    assert header["recipe"]["network"]["name"] == "resnet20"
    assert header["seed"] == 3
    assert header["pictures"] == {"train": 34, "holdout": 9, "test": 12}
    assert {"versions", "device", "machine", "parameters", "started"} <= header.keys()
    assert [line["step"] for line in epochs] == [4, 8, 12, 16]
    fields = {field.name for field in dataclasses.fields(EpochResult)} - {"images_per_second"}
    assert all(fields | {"event", "pictures_per_second"} == line.keys() for line in epochs)
    assert result.test is not None
    assert end["test_accuracy"] == result.test.accuracy
    assert "epoch 4/4: loss" in screen
    assert "test: loss" in screen


def test_the_checkpoint_scores_as_the_log_says(
    recipe: Recipe, data: DataSet, tmp_path: Path
) -> None:
    result, _ = run(recipe, data, tmp_path)
    network, checkpoint = load_network(result.checkpoint)
    assert data.test is not None
    score = evaluate(network, data.test, checkpoint.preprocessing)
    assert result.test is not None
    assert score.accuracy == result.test.accuracy
    assert score.loss == pytest.approx(result.test.loss, rel=1e-4)


def test_without_holdout_and_test_their_lines_are_absent(
    recipe: Recipe, data: DataSet, tmp_path: Path
) -> None:
    result, _ = run(recipe, dataclasses.replace(data, holdout=None, test=None), tmp_path)
    assert result.test is None
    _, first, *_, end = lines(tmp_path)
    assert "holdout_loss" not in first
    assert "test_accuracy" not in end


def test_it_learns(recipe: Recipe, data: DataSet, tmp_path: Path) -> None:
    run(recipe, data, tmp_path)
    losses = [line["loss"] for line in lines(tmp_path) if line["event"] == "epoch"]
    assert losses[-1] < losses[0]


def test_mixed_precision_rounds_the_products_and_nothing_that_is_kept(
    table: dict[str, dict[str, Any]], data: DataSet, tmp_path: Path
) -> None:
    exact = parse_recipe(table, source="tiny.toml")
    table["run"]["precision"] = "bfloat16"
    mixed = parse_recipe(table, source="tiny.toml")
    run(exact, data, tmp_path / "exact")
    run(mixed, data, tmp_path / "mixed")
    one, two = (lines(tmp_path / name)[1]["loss"] for name in ("exact", "mixed"))
    assert one != two
    assert two == pytest.approx(one, rel=0.05)
    kept = load_checkpoint(tmp_path / "mixed" / "checkpoint.pt").model
    assert {value.dtype for value in kept.values()} == {torch.float32, torch.int64}


@pytest.mark.parametrize(
    ("machine", "capability", "told"),
    [("x86_64", "AVX2", True), ("x86_64", "AVX512", False), ("aarch64", "DEFAULT", False)],
)
def test_a_cpu_that_is_slower_with_bfloat16_is_told(
    table: dict[str, dict[str, Any]],
    data: DataSet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    machine: str,
    capability: str,
    told: bool,
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    table["schedule"]["epochs"] = 1
    line = 'no instructions for bfloat16: precision = "float32" in [run] is faster'
    assert line not in run(parse_recipe(table, source="exact"), data, tmp_path / "exact")[1]
    table["run"]["precision"] = "bfloat16"
    mixed = run(parse_recipe(table, source="mixed"), data, tmp_path / "mixed")[1]
    assert (line in mixed) is told


def test_resuming_cuts_what_the_checkpoint_does_not_know(
    recipe: Recipe, data: DataSet, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(recipe, data, tmp_path, on_epoch=stop_after(3))
    log = tmp_path / "log.jsonl"
    log.write_text(log.read_text() + '{"event": "epoch", "epoch": 4, "step": 16}\n{"eve')
    run(recipe, data, tmp_path, resume=True)
    epochs = [line["epoch"] for line in lines(tmp_path) if line["event"] == "epoch"]
    assert epochs == [1, 2, 3, 4]


def test_resuming_a_finished_run_only_tests_again(
    recipe: Recipe, data: DataSet, tmp_path: Path
) -> None:
    first, _ = run(recipe, data, tmp_path)
    again, _ = run(recipe, data, tmp_path, resume=True)
    assert again == first
    assert [line["event"] for line in lines(tmp_path)].count("end") == 1


def test_another_run_is_not_written_over(recipe: Recipe, data: DataSet, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(recipe, data, tmp_path, on_epoch=stop_after(1))
    with pytest.raises(CheckpointError, match="expected no earlier run, found one; use --resume"):
        run(recipe, data, tmp_path)
    other = dataclasses.replace(recipe, optimizer=dataclasses.replace(recipe.optimizer, lr=0.7))
    with pytest.raises(CheckpointError, match=r"found \[optimizer\] lr = 0.05 instead of 0.7"):
        run(other, data, tmp_path, resume=True)
    with pytest.raises(CheckpointError, match="expected a run with the 3 classes"):
        run(recipe, dataclasses.replace(data, classes=("a", "b", "c")), tmp_path, resume=True)
    assert data.holdout is not None
    fewer = dataclasses.replace(data, train=data.holdout)
    with pytest.raises(CheckpointError, match=r"at step 1, as the 9 training .* found step 4$"):
        run(recipe, fewer, tmp_path, resume=True)
    with pytest.raises(CheckpointError, match="found no such file"):
        run(recipe, data, tmp_path / "none", resume=True)


def test_a_loss_that_is_not_finite_stops_the_run(
    recipe: Recipe, data: DataSet, tmp_path: Path
) -> None:
    wild = dataclasses.replace(recipe, optimizer=dataclasses.replace(recipe.optimizer, lr=1e38))
    with pytest.raises(RecipeError, match=r"tiny.toml: epoch \d, step \d+: expected a finite loss"):
        run(wild, data, tmp_path)


@pytest.mark.parametrize("ema", [False, True])
def test_a_last_step_to_no_numbers_stops_the_run_and_loses_nothing(
    table: dict[str, dict[str, Any]],
    data: DataSet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ema: bool,
) -> None:
    if ema:
        table["ema"] = {"decay": 0.5}
    recipe = parse_recipe(table, source="tiny.toml")
    data = dataclasses.replace(data, holdout=None)
    with pytest.raises(KeyboardInterrupt):
        run(recipe, data, tmp_path, on_epoch=stop_after(2))
    before = (tmp_path / "checkpoint.pt").read_bytes()
    move = epoch_module._update

    def to_nowhere(state: Any, lr: float) -> None:
        move(state, lr * (float("nan") if state.step == 11 else 1.0))

    monkeypatch.setattr(epoch_module, "_update", to_nowhere)
    with pytest.raises(
        RecipeError, match=r"tiny.toml: epoch 3, step 12: expected finite weights, found others in "
    ):
        run(recipe, data, tmp_path, resume=True)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before
    assert [line["event"] for line in lines(tmp_path)] == ["header", "epoch", "epoch", "resume"]


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_holdout_loss_that_is_not_finite_stops_the_run_and_loses_nothing(
    recipe: Recipe, data: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loss: float
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(recipe, data, tmp_path, on_epoch=stop_after(2))
    before = (tmp_path / "checkpoint.pt").read_bytes()
    monkeypatch.setattr(epoch_module, "evaluate", lambda *a, **k: Score(loss, 0.1))
    with pytest.raises(
        RecipeError, match=r"tiny.toml: epoch 3, step 12: expected a finite holdout loss, found"
    ):
        run(recipe, data, tmp_path, resume=True)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before
    assert [line["event"] for line in lines(tmp_path)] == ["header", "epoch", "epoch", "resume"]
    monkeypatch.undo()
    run(recipe, data, tmp_path, resume=True)


def test_a_test_loss_that_is_not_finite_is_the_same_error(
    recipe: Recipe, data: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "evaluate", lambda *a, **k: Score(float("nan"), 0.1))
    with pytest.raises(
        RecipeError, match=r"tiny.toml: epoch 4, step 16: expected a finite test loss, found nan"
    ):
        run(recipe, data, tmp_path)
    assert load_checkpoint(tmp_path / "checkpoint.pt").epoch == 4


@pytest.mark.parametrize("resume", [False, True])
def test_a_log_that_is_a_folder_is_one_line(
    recipe: Recipe, data: DataSet, tmp_path: Path, resume: bool
) -> None:
    log_path = tmp_path / "log.jsonl"
    if resume:
        with pytest.raises(KeyboardInterrupt):
            run(recipe, data, tmp_path, on_epoch=stop_after(1))
        log_path.unlink()
    log_path.mkdir()
    with pytest.raises(CheckpointError, match=r"log\.jsonl: cannot write the log: ") as caught:
        run(recipe, data, tmp_path, resume=resume)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("event", ["header", "resume", "epoch", "end"])
def test_a_full_disk_under_the_log_is_one_line(
    recipe: Recipe, data: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    if event == "resume":
        with pytest.raises(KeyboardInterrupt):
            run(recipe, data, tmp_path, on_epoch=stop_after(1))
    line = log_module._line

    def full(name: str, entry: Any) -> str:
        if name == event:
            raise OSError(28, "No space left on device")
        return line(name, entry)

    monkeypatch.setattr(log_module, "_line", full)
    with pytest.raises(CheckpointError, match=r"log\.jsonl: cannot write the log: .*No space"):
        run(recipe, data, tmp_path, resume=event == "resume")
    assert (tmp_path / "checkpoint.pt").exists() == (event in ("resume", "end"))


def test_a_folder_that_cannot_be_made_is_one_line(
    recipe: Recipe, data: DataSet, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match=r"file/run: cannot write there: "):
        run(recipe, data, tmp_path / "file" / "run")


def test_fewer_images_than_a_batch_are_refused(
    recipe: Recipe, data: DataSet, tmp_path: Path
) -> None:
    large = dataclasses.replace(
        recipe, schedule=dataclasses.replace(recipe.schedule, batch_size=35)
    )
    with pytest.raises(DataError, match="expected at least a batch of 35, found 34"):
        run(large, data, tmp_path)


def _convolutions() -> object:
    cudnn = torch.backends.cudnn
    return cudnn.conv.fp32_precision if hasattr(cudnn, "conv") else cudnn.allow_tf32


@pytest.fixture(params=["tf32", "ieee"])
def chosen(request: pytest.FixtureRequest) -> Iterator[None]:
    """A user's own setting, where torch has one for convolutions."""
    if not hasattr(torch.backends.cudnn, "conv"):
        yield
        return
    before = torch.backends.cudnn.conv.fp32_precision
    torch.backends.cudnn.conv.fp32_precision = request.param
    yield
    torch.backends.cudnn.conv.fp32_precision = before


@pytest.mark.usefixtures("chosen")
def test_a_score_has_no_convolution_in_tf32(data: DataSet) -> None:
    seen: list[object] = []

    class Looks(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(_convolutions())
            if len(seen) > 1:
                raise RuntimeError("enough")
            return x.mean((2, 3))

    before = _convolutions()
    assert data.test is not None
    evaluate(Looks(), data.test, data.preprocessing)
    assert _convolutions() == before
    with pytest.raises(RuntimeError, match="enough"):
        evaluate(Looks(), data.test, data.preprocessing)
    assert _convolutions() == before
    assert set(seen) <= {False, "ieee"}


class BrokenBackwards(torch.autograd.Function):
    """Its backward fails as a compiler may."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("no C++ compiler\nlong story")


@pytest.mark.parametrize("where", ["forwards", "backwards"])
def test_without_a_compiler_one_line_is_said_and_nothing_changes(
    recipe: Recipe, data: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def broken(network: Any, **_: Any) -> Any:
        def forward(x: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = network(x)
            if where == "backwards":
                return BrokenBackwards.apply(logits)  # type: ignore[no-any-return, no-untyped-call]
            raise RuntimeError("no C++ compiler\nlong story")

        return forward

    monkeypatch.setattr(torch, "compile", broken)
    compiled = dataclasses.replace(recipe, run=dataclasses.replace(recipe.run, compile=True))
    _, screen = run(compiled, data, tmp_path / "compiled")
    assert "torch.compile does not work here, training without it: no C++ compiler\n" in screen
    run(recipe, data, tmp_path / "plain")
    assert untimed(tmp_path / "plain", "epoch") == untimed(tmp_path / "compiled", "epoch")


def test_a_terminal_gets_a_bar(recipe: Recipe, data: DataSet, tmp_path: Path) -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=120, force_terminal=True)
    fit(recipe, data, tmp_path, device=CPU, console=console)
    assert "16/16" in screen.getvalue()
    assert "accuracy" in screen.getvalue()
