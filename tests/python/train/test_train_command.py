"""`edgebin train`: a whole run on generated images, and one line for each mistake."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from edgebin import load
from edgebin.cli.export import export
from edgebin.cli.refine import refine
from edgebin.cli.train import train
from edgebin.errors import CheckpointError, DataError, EdgebinError, OptionError, RecipeError
from edgebin.train import loop
from edgebin.train.checkpoint.checkpoint import load_checkpoint
from processes.command_line import edgebin
from training.tiny_training import folder_recipe

RECIPE = folder_recipe("width = 0.02", 'last = "int8"')


@pytest.fixture
def options(images: Path, tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "tiny.toml"
    path.write_text(RECIPE)
    return {"recipe": str(path), "data": images, "out": tmp_path / "out"}


def test_it_trains_and_prints_the_checkpoint(
    options: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    train(**options, threads=1, epochs=2, seed=5)
    out, err = capsys.readouterr()
    score, path = out.splitlines()
    assert path == str(options["out"] / "checkpoint.pt")
    assert score.startswith("test: loss ")
    assert f"\n{score}\n" in err
    first, second, *_ = err.splitlines()
    recipe, data, folder = (options[name] for name in ("recipe", "data", "out"))
    assert first == f"{recipe} on {data}, into {folder}: reading the images"
    assert second.startswith("training vgg_small (")
    assert second.endswith(" parameters) on cpu: 12 images, 2 epochs of 3 steps")
    assert "epoch 2/2" in err


def test_the_first_line_comes_before_pytorch_is_loaded(options: dict[str, Any]) -> None:
    program = (
        "import sys, typer\nfrom pathlib import Path\nfrom edgebin.cli.train import train\n"
        "typer.echo = lambda line, err: sys.exit(f\"{line} {'torch' in sys.modules}\")\n"
        "train(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))"
    )
    arguments = [str(options[name]) for name in ("recipe", "data", "out")]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.stderr.endswith(": reading the images False\n")


def test_a_test_set_in_the_wrong_folder_is_one_line(
    options: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (options["data"] / "val").rename(options["data"] / "test")
    train(**options, threads=1)
    _, note, begins, *_ = capsys.readouterr().err.splitlines()
    assert note.startswith(f"{options['data'] / 'test'}: not read: ")
    assert begins.startswith("training vgg_small ")


def test_a_share_of_the_images_may_be_held_out(
    options: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    train(**options, threads=1, holdout=0.25)
    assert "9 images, 1 epoch of 2 steps" in capsys.readouterr().err


def test_labels_of_folders_reach_the_exported_model(
    options: dict[str, Any], tmp_path: Path
) -> None:
    labels = '[data.labels]\na_cat = "the cat"\nb_dog = "a dog"\n[optimizer]'
    Path(options["recipe"]).write_text(RECIPE.replace("[optimizer]", labels))
    train(**options, threads=1)
    checkpoint = options["out"] / "checkpoint.pt"
    train(**options, threads=1, resume=True)
    again = {**options, "init": checkpoint, "out": tmp_path / "again", "threads": 1}
    train(**again)
    train(**again, resume=True)
    refine(checkpoint, options["data"], tmp_path / "more", images=7, holdout=5, threads=1)
    export(tmp_path / "named.ebn", tmp_path / "more" / "checkpoint.pt")
    assert load(tmp_path / "named.ebn").labels == ("the cat", "a dog")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"recipe": "nothing"}, RecipeError, "expected a file or one of"),
        ({"data": Path("/nowhere")}, DataError, "expected a folder of class folders"),
        ({"device": "tpu"}, OptionError, "--device: expected cpu or cuda, found 'tpu'$"),
        ({"device": "mps"}, OptionError, "found 'mps'; Apple's GPUs are not supported, a Mac tr"),
        ({"holdout": 1.5}, RecipeError, "holdout: expected an integer in .* found 1.5"),
        ({"threads": 0}, OptionError, "--threads: expected at least 1, found 0"),
        ({"epochs": 0}, RecipeError, "epochs: expected an integer"),
        ({"resume": True}, CheckpointError, "found no such file"),
    ],
)
def test_a_mistake_is_one_line(
    options: dict[str, Any], change: dict[str, Any], error: type[EdgebinError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        train(**{**options, **change})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change", [{"recipe": "nothing"}, {"data": Path("/nowhere")}, {"device": "mps"}]
)
def test_what_is_seen_to_fail_begins_with_no_other_line(
    options: dict[str, Any], change: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(EdgebinError):
        train(**{**options, **change})
    assert capsys.readouterr().err == ""


def test_cuda_that_is_not_there_is_named(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(OptionError, match="--device: expected a CUDA device"):
        train(**options, device="cuda")


def test_without_torch_it_says_what_to_install(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EdgebinError, match=r"pip install '.*\[train\]'"):
        train(**options)


@pytest.mark.parametrize(
    ("saved", "said"), [(True, "same command and --resume"), (False, "begin a")]
)
def test_an_interrupt_says_how_to_go_on(
    options: dict[str, Any],
    saved: bool,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        if saved:
            options["out"].mkdir()
            (options["out"] / "checkpoint.pt").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "fit", interrupted)
    words = ["train", options["recipe"], "--data", options["data"], "--out", options["out"]]
    assert edgebin(*words) == 130
    err = capsys.readouterr().err
    _, line = err.splitlines()
    assert line.startswith("edgebin: interrupted; ")
    assert said in line


def test_the_command_line_names_torch_only_when_run() -> None:
    program = "import sys, edgebin.cli.train; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.slow
def test_the_module_is_a_command(options: dict[str, Any]) -> None:
    command = [sys.executable, "-m", "edgebin.cli.train", "nothing"]
    command += ["--data", str(options["data"]), "--out", str(options["out"])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: recipe: expected a file")
    assert done.stderr.count("\n") == 1


def test_it_learns_from_the_checkpoint_of_another_run(
    options: dict[str, Any], tmp_path: Path
) -> None:
    train(**options)
    path = tmp_path / "distilled.toml"
    path.write_text(RECIPE + "[distillation]\nweight = 0.5\ntemperature = 2\n")
    teacher = options["out"] / "checkpoint.pt"
    train(**{**options, "recipe": str(path), "out": tmp_path / "two"}, teacher=teacher)
    assert load_checkpoint(tmp_path / "two" / "checkpoint.pt").teacher is not None
