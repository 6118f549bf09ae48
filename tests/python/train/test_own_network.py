"""A network of the user's own: trained, resumed, loaded and exported, and what does not fit."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from torch import Tensor, nn

import edgebin
from edgebin.errors import CheckpointError, ExportError, OptionError, RecipeError
from edgebin.train import epoch
from edgebin.train.backend.distributed import World
from edgebin.train.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from edgebin.train.checkpoint.network import load_network
from edgebin.train.data.source import DataSet
from edgebin.train.evaluation import evaluate
from edgebin.train.loop import fit
from edgebin.train.recipe.recipe import DistillationRecipe, Recipe, parse_recipe, recipe_data
from edgebin.train.results import RunResult
from processes.command_line import edgebin as command
from torch_networks.own_network import own_network
from training.packed_checkpoint import unpacked

CPU = torch.device("cpu")
SHIPPED = Path(__file__).parents[3] / "models/cifar10-resnet20/checkpoint.pt.xz"


@pytest.fixture
def free(table: dict[str, dict[str, Any]]) -> Recipe:
    """A recipe without a network."""
    del table["network"]
    return parse_recipe(table, source="free.toml")


def run(recipe: Recipe, data: DataSet, out: Path, network: nn.Module, **more: Any) -> RunResult:
    console = Console(file=io.StringIO())
    return fit(recipe, data, out, device=CPU, network=network, console=console, **more)


def test_a_recipe_may_leave_the_network_out(free: Recipe) -> None:
    assert free.network is None
    assert "network" not in recipe_data(free)
    assert parse_recipe(recipe_data(free), source="free.toml") == free


def test_it_is_trained_in_place_and_its_weights_load_into_another(
    free: Recipe, data: DataSet, tmp_path: Path
) -> None:
    network = own_network(3)
    before = network.get_parameter("0.weight").clone()
    result = run(free, data, tmp_path, network)
    assert not torch.equal(network.get_parameter("0.weight"), before)
    checkpoint = load_checkpoint(result.checkpoint)
    assert (checkpoint.network, checkpoint.options) == ("", {})
    loaded, _ = load_network(result.checkpoint, network=own_network(3))
    assert not loaded.training
    weights = loaded.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in network.state_dict().items())
    assert data.test is not None
    assert result.test is not None
    score = evaluate(loaded, data.test, checkpoint.preprocessing)
    assert score.accuracy == result.test.accuracy


def test_it_resumes_bit_for_bit(free: Recipe, data: DataSet, tmp_path: Path) -> None:
    def stop(result: Any) -> None:
        if result.epoch == 2:
            raise KeyboardInterrupt

    run(free, data, tmp_path / "straight", own_network(3))
    with pytest.raises(KeyboardInterrupt):
        run(free, data, tmp_path / "broken", own_network(3), on_epoch=stop)
    other = own_network(3)
    nn.init.zeros_(other.get_parameter("0.weight"))
    run(free, data, tmp_path / "broken", other, resume=True)
    one, two = (load_checkpoint(tmp_path / n / "checkpoint.pt") for n in ("straight", "broken"))
    assert all(torch.equal(one.model[key], two.model[key]) for key in one.model)


def test_a_wrapped_network_and_a_plain_one_resume_each_other(
    free: Recipe, data: DataSet, tmp_path: Path
) -> None:
    done = run(free, data, tmp_path, nn.DataParallel(own_network(3))).checkpoint
    trained = load_checkpoint(done).model
    assert all(name.startswith("module.") for name in trained)
    plain, wrapped = own_network(3), nn.DataParallel(own_network(3))
    run(free, data, tmp_path, plain, resume=True)
    load_network(done, network=wrapped)
    again = own_network(3)
    load_network(_saved_as(tmp_path / "plain.pt", done, plain), network=nn.DataParallel(again))
    for weights in (plain.state_dict(), wrapped.module.state_dict(), again.state_dict()):
        assert all(torch.equal(weights[name[7:]], value) for name, value in trained.items())


def _saved_as(path: Path, checkpoint: Path, network: nn.Module) -> Path:
    weights = dict(network.state_dict())
    save_checkpoint(path, dataclasses.replace(load_checkpoint(checkpoint), model=weights))
    return path


def test_a_network_whose_only_child_is_called_module_stays_as_it_is(
    free: Recipe, data: DataSet, tmp_path: Path
) -> None:
    class Held(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = own_network(3)

        def forward(self, x: Tensor) -> Tensor:
            logits: Tensor = self.module(x)
            return logits

    held = Held()
    done = run(free, data, tmp_path, held).checkpoint
    loaded, _ = load_network(done, network=Held())
    weights = loaded.state_dict()
    assert all(torch.equal(weights[name], value) for name, value in held.state_dict().items())
    with pytest.raises(CheckpointError, match=r"the weights do not fit the network: 0\.0\."):
        load_network(done, network=nn.Sequential(own_network(3)))


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_a_program_is_refused_with_the_way_out(free: Recipe, data: DataSet, tmp_path: Path) -> None:
    program: Any = torch.jit.script(nn.Sequential(nn.Flatten(), nn.Linear(192, 3)))
    with pytest.raises(OptionError, match=r"TorchScript program; .*edgebin\.convert\(program"):
        run(free, data, tmp_path, program)


class Draws(nn.Module):
    """Draws as dropout does, and tells what."""

    def __init__(self, drawn: list[float]) -> None:
        super().__init__()
        self.drawn = drawn

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            self.drawn.append(float(torch.rand(())))
        return x


def test_what_a_forward_draws_follows_from_seed_epoch_and_process(
    free: Recipe, data: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draws(out: str, **more: Any) -> list[float]:
        drawn: list[float] = []
        run(free, data, tmp_path / out, nn.Sequential(own_network(3), Draws(drawn)), **more)
        return drawn

    alone = draws("alone")
    assert len(set(alone)) == len(alone) == 4 * (34 // 8)
    assert draws("beside", on_epoch=lambda result: torch.rand(result.epoch)) == alone
    monkeypatch.setattr(epoch, "world", lambda: World(0, 2))
    first = draws("first")
    monkeypatch.setattr(epoch, "world", lambda: World(1, 2))
    assert not set(first) & set(draws("second"))


def test_a_table_and_a_network_or_neither_are_one_line(
    recipe: Recipe, free: Recipe, data: DataSet, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match=r"tiny.toml: expected no table \[network\] beside fit"):
        run(recipe, data, tmp_path, own_network(3))
    with pytest.raises(RecipeError, match=r"free.toml: expected a table \[network\].*neither"):
        fit(free, data, tmp_path, device=CPU)
    assert not list(tmp_path.iterdir())


class Viewed(nn.Module):
    """Flattens by view, which channels-last activations do not bear."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.head = nn.Linear(256, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        logits: Tensor = self.head(x.view(len(x), -1))
        return logits


def test_a_network_that_does_not_bear_the_recipes_layout_is_named_before_its_log_begins(
    free: Recipe, data: DataSet, tmp_path: Path
) -> None:
    plain, layout = (
        dataclasses.replace(free, run=dataclasses.replace(free.run, channels_last=last))
        for last in (False, True)
    )
    run(plain, data, tmp_path / "plain", Viewed())
    with pytest.raises(OptionError, match=r"^network: expected logits .*found: view size is not"):
        run(layout, data, tmp_path / "last", Viewed())
    taught = dataclasses.replace(layout, distillation=DistillationRecipe(0.5, 1.0))
    with pytest.raises(OptionError, match=r"^teacher: expected logits .*found: view size is not"):
        run(taught, data, tmp_path / "last", own_network(3), teacher=Viewed())
    assert not (tmp_path / "last").exists()


class Flat(nn.Module):
    """Gives what is no logits."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor) -> list[Tensor]:
        return [x]


def sparse() -> nn.Module:
    network = own_network(3)
    network.register_buffer("mask", torch.zeros(3).to_sparse())
    return network


def masked() -> nn.Module:
    network = own_network(3)
    network.register_buffer("mask", torch.tensor([0.0, -torch.inf]))
    return network


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (masked(), "network: mask: expected finite numbers, found others"),
        (
            own_network(4),
            r"network: expected logits \(1, 3\) for images \(1, 3, 8, 8\), found \(1, 4\)",
        ),
        (Flat(), r"network: expected logits \(1, 3\) .*found list"),
        (nn.Linear(5, 3), r"network: expected logits .*found: mat1 and mat2"),
        (nn.Flatten(), "network: expected parameters to train, found none"),
        (own_network(3).requires_grad_(False), "network: expected parameters to train, found none"),
        (sparse(), "network: mask: expected a dense tensor"),
    ],
)
def test_a_network_that_does_not_fit_the_data_is_one_line(
    free: Recipe, data: DataSet, tmp_path: Path, network: nn.Module, message: str
) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        run(free, data, tmp_path, network)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_looking_at_it_changes_nothing(free: Recipe, data: DataSet, tmp_path: Path) -> None:
    network = own_network(3).eval()
    norm = network.get_buffer("1.running_mean").clone()
    none = dataclasses.replace(free, schedule=dataclasses.replace(free.schedule, batch_size=34))
    run(none, data, tmp_path, network, on_epoch=lambda result: None)
    assert not torch.equal(network.get_buffer("1.running_mean"), norm)
    assert network.get_buffer("1.num_batches_tracked") == free.schedule.epochs


def test_what_export_would_refuse_is_refused_before_the_first_step(
    free: Recipe, data: DataSet, tmp_path: Path
) -> None:
    network = own_network(3)
    network.add_module("5", nn.Mish())
    with pytest.raises(ExportError, match=r'module "5": found aten.mish'):
        run(free, data, tmp_path / "refused", network)
    assert not (tmp_path / "refused").exists()
    run(free, data, tmp_path / "in PyTorch alone", network, exportable=False)


def test_looking_at_it_draws_no_numbers(free: Recipe, data: DataSet, tmp_path: Path) -> None:
    weights = []
    for exportable in (True, False):
        network = own_network(3)
        run(free, data, tmp_path / str(exportable), network, exportable=exportable)
        weights.append(network.state_dict())
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())


def test_without_the_network_its_weights_are_one_line(
    free: Recipe, data: DataSet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run(free, data, tmp_path, own_network(3)).checkpoint
    message = r"found the weights of another; from Python, load_network\(path, network=...\)"
    with pytest.raises(CheckpointError, match=message):
        load_network(path)
    with pytest.raises(CheckpointError, match="the weights do not fit the network: "):
        load_network(path, network=own_network(5))
    assert command("export", path, "-o", tmp_path / "x.ebn") == 2
    error = capsys.readouterr().err
    assert "edgebin.export exports the network" in error
    assert error.count("\n") == 1


def test_what_was_loaded_exports(free: Recipe, data: DataSet, tmp_path: Path) -> None:
    path = run(free, data, tmp_path, own_network(3)).checkpoint
    network, checkpoint = load_network(path, network=own_network(3))
    target = tmp_path / "own.ebn"
    edgebin.export(network, torch.zeros(1, 3, 8, 8), target, labels=checkpoint.classes)
    assert edgebin.load(target).labels == ("red", "green", "blue")


def test_the_checkpoint_of_a_shipped_model_still_loads(tmp_path: Path) -> None:
    network, checkpoint = load_network(unpacked(SHIPPED, tmp_path))
    assert checkpoint.network == "resnet20"
    assert not network.training
