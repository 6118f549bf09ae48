"""`accuracy.py` counts correct classes on both kinds of test set and reports what does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import edgebin
from edgebin.nn.networks import build
from edgebin.runtime import zoo
from edgebin.train.recipe.file import load_recipe
from edgebin.train.recipe.recipe import FolderRecipe
from processes.benchmark_script import benchmark

NAME = "cifar10-resnet20"
CLASSES = edgebin.load(NAME).labels


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (30, 32, 32, 3), dtype=np.uint8)


def cifar10(home: Path, pixels: np.ndarray, labels: np.ndarray) -> Path:
    folder = home / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    planes = pixels.transpose(0, 3, 1, 2).reshape(len(pixels), -1)
    records = np.concatenate([labels[:, None].astype(np.uint8), planes], 1)
    (folder / "test_batch.bin").write_bytes(records.tobytes())
    (folder / "batches.meta.txt").write_text("\n".join(CLASSES) + "\n\n")
    return home


def test_it_counts_right_answers(
    tmp_path: Path, pixels: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = edgebin.load(NAME).run(pixels).argmax(1)
    labels = answers.copy()
    labels[:7] = (labels[:7] + 1) % 10
    home, output = cifar10(tmp_path / "data", pixels, labels), tmp_path / "new" / "accuracy.json"
    assert benchmark("accuracy", NAME, "--data", home, "--output", output) == 0
    assert capsys.readouterr().out == f"{NAME}: 76.67%, 23 of 30 images of CIFAR-10\n"
    (row,) = json.loads(output.read_text())["results"]
    assert (row["model"], row["right"], row["images"]) == (NAME, 23, 30)
    assert row["accuracy"] == 23 / 30


def test_without_a_name_every_shipped_model_needs_its_test_set(
    tmp_path: Path, pixels: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    home = cifar10(tmp_path / "data", pixels, np.zeros(len(pixels), np.int64))
    assert benchmark("accuracy", "--data", home) == 2
    said = capsys.readouterr()
    missing = next(name for name in zoo.shipped() if not name.startswith("cifar10-"))
    line = f"accuracy: error: {missing}: expected a test set of its classes, found CIFAR-10\n"
    assert (said.out, said.err) == ("", line)


def test_photographs_lie_in_folders_of_their_classes(
    tmp_path: Path, pixels: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = edgebin.load(NAME).run(pixels).argmax(1)
    for name in CLASSES:
        (tmp_path / "val" / name).mkdir(parents=True)
    for number, (image, answer) in enumerate(zip(pixels, answers, strict=True)):
        wrong = number < 3
        name = CLASSES[(answer + wrong) % 10]
        Image.fromarray(image).save(tmp_path / "val" / name / f"{number}.png")
    assert benchmark("accuracy", NAME, "--data", tmp_path) == 0
    assert "90.00%, 27 of 30 images" in capsys.readouterr().out


def test_classes_may_be_called_as_a_recipe_calls_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = load_recipe("imagenette160-resnet18").data
    assert isinstance(recipe, FolderRecipe)
    folders, labels = zip(*sorted(recipe.labels.items()), strict=True)
    network = build("vgg_small", input_size=8, width=0.02, last="int8").eval()
    how = edgebin.Preprocessing((0.5,) * 3, (0.25,) * 3)
    path = tmp_path / "named.ebn"
    edgebin.export(network, torch.zeros(1, 3, 8, 8), path, labels=labels, preprocessing=how)
    image = Image.new("RGB", (8, 8), "red")
    answer = edgebin.load(path)(image, top=1)[0].index
    for name in folders:
        (tmp_path / "val" / name).mkdir(parents=True)
    image.save(tmp_path / "val" / folders[answer] / "a.png")
    assert benchmark("accuracy", path, "--data", tmp_path) == 0
    assert "100.00%, 1 of 1 images" in capsys.readouterr().out
    other = (*labels[1:], labels[0])
    edgebin.export(network, torch.zeros(1, 3, 8, 8), path, labels=other, preprocessing=how)
    assert benchmark("accuracy", path, "--data", tmp_path) == 2
    assert "expected labels in the order of" in capsys.readouterr().err


def test_what_does_not_fit_is_named(
    tmp_path: Path, pixels: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    assert benchmark("accuracy", "--data", tmp_path) == 2
    assert "expected test_batch.bin of CIFAR-10 or a folder val, found neither" in (
        capsys.readouterr().err
    )
    (tmp_path / "val" / "shoe").mkdir(parents=True)
    assert benchmark("accuracy", NAME, "--data", tmp_path) == 2
    assert "val: expected images in folders of classes, found none" in capsys.readouterr().err
    Image.fromarray(pixels[0]).save(tmp_path / "val" / "shoe" / "0.png")
    assert benchmark("accuracy", NAME, "--data", tmp_path) == 2
    assert f"{NAME}: expected a test set of its classes, found" in capsys.readouterr().err
    home = cifar10(tmp_path / "data", pixels, np.zeros(30, np.int64))
    (home / "cifar-10-batches-bin" / "test_batch.bin").write_bytes(b"12")
    assert benchmark("accuracy", "--data", home) == 2
    assert "expected records of 3073 bytes, found 2 bytes" in capsys.readouterr().err
    (home / "cifar-10-batches-bin" / "batches.meta.txt").unlink()
    assert benchmark("accuracy", "--data", home) == 2
    assert "batches.meta.txt: cannot be read: No such file" in capsys.readouterr().err
