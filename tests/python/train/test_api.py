"""What `edgebin.train` offers: names, strings and paths, and what its help says."""

from __future__ import annotations

import dataclasses
import inspect
import io
import pydoc
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

import edgebin
from edgebin.errors import OptionError
from edgebin.train import FitOptions, StepResult, fit, load_recipe, open_data
from training.tiny_training import folder_recipe

QUIET = Console(file=io.StringIO())


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(folder_recipe("width = 0.02", 'last = "int8"'))
    return path


def test_the_names_are_there_and_no_modules() -> None:
    assert {"fit", "open_data", "load_recipe", "tensor_data", "Recipe"} < set(dir(edgebin.train))
    assert dir(edgebin.train) == sorted(edgebin.train.__all__)
    for name in edgebin.train.__all__:
        assert callable(getattr(edgebin.train, name))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        edgebin.train.nothing  # noqa: B018


def test_importing_it_loads_no_pytorch_and_without_pytorch_it_says_so() -> None:
    program = (
        "import sys, edgebin.train\nassert 'torch' not in sys.modules\n"
        "sys.modules['torch'] = None\n"
        "try: edgebin.train.fit\nexcept ImportError as error: print(error)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("edgebin.train needs PyTorch: pip install ")


def test_names_paths_and_strings_do(recipe_file: Path, images: Path, tmp_path: Path) -> None:
    first = fit(str(recipe_file), str(images), str(tmp_path / "a"), device="cpu", console=QUIET)
    recipe = load_recipe(str(recipe_file))
    data = open_data(str(images), str(recipe_file), device="cpu")
    second = fit(recipe, data, tmp_path / "b", device=torch.device("cpu"), console=QUIET)
    assert first.test == second.test
    assert first.checkpoint == tmp_path / "a" / "checkpoint.pt"
    third = fit(
        recipe,
        images,
        tmp_path / "c",
        options=FitOptions(init=str(first.checkpoint), console=QUIET),
    )
    assert third.checkpoint.exists()


def test_a_teacher_may_be_a_path(recipe_file: Path, images: Path, tmp_path: Path) -> None:
    teacher = fit(recipe_file, images, tmp_path / "a", console=QUIET).checkpoint
    taught = tmp_path / "taught.toml"
    taught.write_text(recipe_file.read_text() + "[distillation]\nweight = 0.5\ntemperature = 2\n")
    fit(taught, images, tmp_path / "b", teacher=str(teacher), console=QUIET)
    assert edgebin.train.load_checkpoint(tmp_path / "b" / "checkpoint.pt").teacher is not None


def test_keywords_are_the_fields_of_the_options(recipe_file: Path, images: Path) -> None:
    parameters = inspect.signature(fit).parameters
    for field in dataclasses.fields(FitOptions):
        parameter = parameters[field.name]
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert (parameter.default, parameter.annotation) == (field.default, field.type)
    wrong: dict[str, Any] = {"devise": "cpu"}
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'devise'; did you mean dev"):
        fit(recipe_file, images, "out", **wrong)


def test_a_keyword_goes_before_the_options(recipe_file: Path, images: Path, tmp_path: Path) -> None:
    options = FitOptions(device="tpu", resume=True, console=QUIET)
    with pytest.raises(OptionError, match=r"^device: expected cpu or cuda, found 'tpu'"):
        fit(recipe_file, images, tmp_path / "out", options=options)
    result = fit(recipe_file, images, tmp_path / "out", device="cpu", resume=False, options=options)
    assert result.checkpoint.exists()


@pytest.mark.parametrize("device", ["tpu", "mps", "cuda:x", torch.device("meta")])
def test_a_device_that_does_not_train_is_named(
    recipe_file: Path, images: Path, tmp_path: Path, device: Any
) -> None:
    with pytest.raises(OptionError, match=r"^device: expected cpu or cuda, found '"):
        fit(recipe_file, images, tmp_path / "out", device=device)
    assert not (tmp_path / "out").exists()


def test_callbacks_get_the_numbers(recipe_file: Path, images: Path, tmp_path: Path) -> None:
    steps: list[StepResult] = []
    epochs: list[int] = []
    fit(
        recipe_file,
        images,
        tmp_path,
        on_step=steps.append,
        on_epoch=lambda result: epochs.append(result.epoch),
        console=QUIET,
    )
    assert epochs == [1]
    assert [(step.epoch, step.step, step.steps) for step in steps] == [(1, 3, 3)]
    assert 0 <= steps[0].accuracy <= 1


def test_a_result_keeps_its_old_attribute(recipe_file: Path, images: Path, tmp_path: Path) -> None:
    results: list[Any] = []
    fit(recipe_file, images, tmp_path, on_epoch=results.append, console=QUIET)
    with pytest.warns(DeprecationWarning, match="pictures_per_second is .*images_per_second"):
        assert results[0].pictures_per_second == results[0].images_per_second


def test_help_says_what_one_needs() -> None:
    text = pydoc.plain(pydoc.render_doc(fit))
    for word in ("(N, 3, S, S)", "uint8", "float32", "Raises", "DataError", "Example", "resume"):
        assert word in text
    for field in dataclasses.fields(FitOptions):
        assert f"        {field.name}: " in text, field.name
    assert "= 'cpu'" in text
    assert "holdout" in pydoc.plain(pydoc.render_doc(FitOptions))
