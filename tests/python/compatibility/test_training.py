"""Runs that 0.1.0 began are resumed and end as 0.1.0 would have ended them."""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

import pytest
import torch

import edgebin
from processes.command_line import edgebin as command
from torch_networks.own_network import own_network

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CPU = torch.device("cpu")
REFINE = ("--pictures", 16, "--holdout", 8, "--positions", 16, "--seed", 2, "--last", "int8")


def check_end(runs: Path, name: str) -> None:
    """Compare the weights and the log of a run in `runs`/`name` with 0.1.0's uninterrupted run.

    The weights are the same bits where torch and the CPU are those that 0.1.0 ran on.
    """
    expected = json.loads((runs / "expected.json").read_text())
    lines = [json.loads(line) for line in (runs / name / "log.jsonl").read_text().splitlines()]
    found = [line for line in lines if line["event"] in ("epoch", "layer", "head", "end")]
    wanted = expected[name]["course"]
    assert [line["event"] for line in found] == [line["event"] for line in wanted]
    same = same_arithmetic(expected)
    for line, want in zip(found, wanted, strict=True):
        shared = {key: want[key] for key in want if key in line}
        assert {"event"} < shared.keys()
        if same:
            assert {key: line[key] for key in shared} == shared
        elif "loss" in shared:
            assert line["loss"] == pytest.approx(want["loss"], abs=0.1)
    if same:
        assert digest(runs / name / "checkpoint.pt") == expected[name]["weights"]


def same_arithmetic(expected: dict[str, Any]) -> bool:
    here = (torch.__version__, torch.backends.cpu.get_cpu_capability(), platform.machine())
    return here == (expected["torch"], expected["cpu_capability"], expected["machine"])


def digest(path: Path) -> str:
    """SHA-256 of the names and bytes of all weights of a checkpoint."""
    sha = hashlib.sha256()
    model = torch.load(path, weights_only=True)["model"]
    for name, value in model.items():
        sha.update(name.encode() + value.contiguous().numpy().tobytes())
    return sha.hexdigest()


def test_a_training_is_resumed(runs: Path, images: Path) -> None:
    resumed = ("train", runs / "binary/recipe.toml", "--data", images, "--out", runs / "binary")
    teacher = ("--teacher", runs / "real/checkpoint.pt")
    assert command(*resumed, *teacher, "--resume", "--threads", 1) == 0
    check_end(runs, "binary")


def test_a_training_of_an_own_network_is_resumed(runs: Path, images: Path) -> None:
    from edgebin.train.recipe_file import load_recipe  # type: ignore[import-not-found]

    from edgebin.train.data import open_data
    from edgebin.train.loop import fit

    recipe = load_recipe(str(runs / "own/recipe.toml"))
    data = open_data(images, recipe, device=CPU)
    assert data.classes == ("tabby", "spaniel")
    fit(recipe, data, runs / "own", device=CPU, network=own_network(), resume=True)
    check_end(runs, "own")


def test_a_refinement_is_resumed(runs: Path, images: Path) -> None:
    resumed = ("refine", runs / "real/checkpoint.pt", "--data", images, "--out", runs / "refine")
    assert command(*resumed, *REFINE, "--resume", "--threads", 1) == 0
    check_end(runs, "refine")
    assert not (runs / "refine/unfinished.pt").exists()


def test_a_recipe_trains_from_an_old_checkpoint_and_teacher(
    runs: Path, images: Path, tmp_path: Path
) -> None:
    begun = ("train", runs / "binary/recipe.toml", "--data", images, "--out", tmp_path / "out")
    checkpoints = ("--init", runs / "packed.pt", "--teacher", runs / "real/checkpoint.pt")
    assert command(*begun, *checkpoints, "--epochs", 1, "--threads", 1) == 0
    lines = [json.loads(line) for line in (tmp_path / "out/log.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["header", "epoch", "end"]


@pytest.mark.parametrize("name", ["real/checkpoint.pt", "refine/unfinished.pt", "packed.pt"])
def test_a_checkpoint_holds_what_it_held(runs: Path, name: str) -> None:
    from edgebin.train.checkpoint import load_network

    network, checkpoint = load_network(runs / name)
    assert checkpoint.classes == ("cat", "dog")
    assert checkpoint.network == "resnet20"
    seen = checkpoint.preprocessing
    assert (seen.mean, seen.input_size, seen.resize) == ((0.5, 0.5, 0.5), 8, 10)
    stored = torch.load(runs / name, weights_only=True)["model"]
    weights = network.state_dict()
    assert weights.keys() == stored.keys()
    assert all(torch.equal(weights[key], stored[key]) for key in stored)


@pytest.mark.parametrize("name", ["binary", "refine"])
def test_logs_are_plotted(old: Path, tmp_path: Path, name: str) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra plot)")
    logs = [old / name / "log.jsonl", old / name / "whole-log.jsonl"]
    assert command("plot", *logs, "-o", tmp_path / "curves.png") == 0
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_the_python_of_the_old_readme_works(runs: Path, images: Path, tmp_path: Path) -> None:
    """The code of README 0.1.0, on this folder of images."""
    from itertools import islice

    from edgebin.train.recipe_file import load_recipe
    from edgebin.train.refine import Pictures, RefineOptions, refine, refit_head  # type: ignore[import-not-found]

    from edgebin.train.data import open_data
    from edgebin.train.loop import fit

    network = float_network()
    recipe, device = load_recipe(str(runs / "own/recipe.toml")), CPU
    data = open_data(images, recipe, device=device)
    fit(recipe, data, tmp_path / "mine", device=device, network=network)
    seen = data.preprocessing
    how = edgebin.Preprocessing(seen.mean, seen.std, resize=seen.resize)
    example = torch.zeros(1, 3, seen.input_size, seen.input_size)

    options = RefineOptions(keep="all", pictures=16, holdout=8)
    some = Pictures(data, options)
    calibration = torch.cat(list(islice(some.inputs(), 3)))
    conversion = edgebin.convert(network.eval(), calibration)
    assert str(conversion)
    student = conversion.network
    real = edgebin.convert(network, calibration, weights="float32").network
    refine(student, some, options, teacher=real)
    refit_head(student, some, real)
    taught = tmp_path / "taught.toml"
    table = "\n[distillation]\nweight = 0.5\ntemperature = 2.0\n"
    taught.write_text((runs / "own/recipe.toml").read_text() + table)
    recipe = load_recipe(str(taught))
    fit(recipe, data, tmp_path / "student", device=device, network=student, teacher=network)
    target = tmp_path / "mine.ebn"
    edgebin.export(student, example, target, labels=data.classes, preprocessing=how)
    model = edgebin.load(target)
    assert model.labels == ("tabby", "spaniel")
    assert model(images / "val/dog/00.png")[0].label in model.labels


def float_network() -> torch.nn.Module:
    torch.manual_seed(1)
    return torch.nn.Sequential(
        *(torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.BatchNorm2d(8), torch.nn.ReLU()),
        *(torch.nn.Conv2d(8, 8, 3, padding=1), torch.nn.BatchNorm2d(8), torch.nn.ReLU()),
        *(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(8, 2)),
    )
