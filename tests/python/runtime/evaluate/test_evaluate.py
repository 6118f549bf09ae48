"""Evaluation of a classifier on class folders: figures told by hand, and bad folders."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import edgebin
from edgebin.errors import InputError, OptionError
from edgebin.graph.format import encode
from edgebin.graph.task import Task
from edgebin.runtime.evaluate.class_folders import open_class_folders
from graphs.small_networks import LABELS, colour_network

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "purple": (200, 0, 250)}


def model(**changes: Any) -> edgebin.Model:
    return edgebin.load(encode(replace(colour_network(), **changes)))


def fill(folder: Path, contents: dict[str, list[str]]) -> Path:
    """Make class folders of images of one colour each, named by number."""
    for label, colours in contents.items():
        (folder / label).mkdir(parents=True)
        for number, colour in enumerate(colours):
            Image.new("RGB", (9, 9), COLOURS[colour]).save(folder / label / f"{number}.png")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three of four reds are red, both greens are green, no blue is blue."""
    reds = ["red", "red", "red", "green"]
    return fill(tmp_path / "data", {"red": reds, "green": ["green"] * 2, "blue": ["red", "red"]})


def test_figures_are_those_of_the_images(folder: Path) -> None:
    result = edgebin.evaluate(model(), folder, worst=2)
    assert (result.images, result.skipped, result.part) == (8, 0, "")
    assert result.accuracy == 5 / 8
    assert result.top5 == 1
    assert result.confusion.tolist() == [[3, 1, 0, 0], [0, 2, 0, 0], [2, 0, 0, 0]]
    red, green, blue = result.classes
    assert (red.label, red.images, red.precision, red.recall) == ("red", 4, 3 / 5, 3 / 4)
    assert red.f1 == pytest.approx(2 / 3)
    assert (green.precision, green.recall) == (2 / 3, 1)
    assert (blue.precision, blue.recall, blue.f1) == (None, 0, None)
    assert result.confused() == [("blue", "red", 2), ("red", "green", 1)]
    assert [(x.label, x.found) for x in result.worst] == [("blue", "red"), ("blue", "red")]
    assert "accuracy=0.625" in repr(result)


def test_scores_are_held_against_what_is_right(folder: Path) -> None:
    result = edgebin.evaluate(model(), folder)
    (bin_,) = [x for x in result.bins if x.images]
    score = np.exp(10) / (np.exp(10) + 2)
    assert bin_.score == pytest.approx(score, rel=1e-6)
    assert bin_.accuracy == 5 / 8
    assert result.ece == pytest.approx(score - 5 / 8, rel=1e-6)
    assert (result.bins[0].low, result.bins[-1].high, len(result.bins)) == (0, 1, 15)


def test_images_of_no_class_are_wrong(folder: Path) -> None:
    strict = model(task=Task("classify", temperature=100, threshold=0.5))
    result = edgebin.evaluate(strict, folder)
    assert result.accuracy == result.top5 == result.ece == 0
    assert result.confusion[:, -1].tolist() == [4, 2, 2]
    assert result.worst == ()


@pytest.mark.parametrize("workers", [1, 3])
def test_bad_images_and_folders_are_counted(folder: Path, workers: int) -> None:
    (folder / "red/cut.png").write_bytes((folder / "red/0.png").read_bytes()[:40])
    (folder / "red/none.jpg").write_bytes(b"")
    (folder / "red/notes.txt").write_text("no image")
    (folder / "red/.hidden.png").write_bytes(b"")
    (folder / "red/loop").symlink_to(folder / "red")
    (folder / "red/lost.png").symlink_to(folder / "red/lost.png")
    (folder / "empty").mkdir()
    strange = folder / "green" / os.fsdecode(b"\xff\xfe\n.png")
    strange.write_bytes((folder / "green/0.png").read_bytes())
    lines: list[str] = []
    result = edgebin.evaluate(model(), folder, workers=workers, report=lines.append)
    assert (result.images, result.skipped) == (9, 2)
    assert len(lines) == 11
    bad = [line for line in lines if line]
    assert [Path(line.split('"')[1]).name for line in bad] == ["cut.png", "none.jpg"]
    assert not any("\n" in line for line in bad)
    assert result.not_in_model == ("empty",)


def test_classes_that_are_not_shared_are_named(tmp_path: Path) -> None:
    data = fill(tmp_path, {"red": ["red"], "purple": ["purple", "red"], "été": ["blue"]})
    result = edgebin.evaluate(model(), data)
    assert result.not_in_model == ("purple", "été")
    assert result.left_out == 3
    assert result.not_in_data == ("green", "blue")
    assert (result.images, result.accuracy) == (1, 1)


def test_a_model_without_labels_has_classes_in_their_order(folder: Path) -> None:
    result = edgebin.evaluate(model(labels=()), folder)
    assert [x.label for x in result.classes] == ["blue", "green", "red"]  # sorted: red is blue
    (folder / "fourth").mkdir()
    with pytest.raises(InputError, match="expected 3 classes, as the model has, found 4"):
        edgebin.evaluate(model(labels=()), folder)


def test_folders_with_other_names_are_taken_by_their_order(tmp_path: Path) -> None:
    data = fill(tmp_path, {"n01": ["red"], "n02": ["green"], "n03": ["blue", "red"]})
    with pytest.raises(InputError, match=r"found n01, n02, n03; what works .*: --by-order"):
        edgebin.evaluate(model(), data)
    result = edgebin.evaluate(model(), data, by_order=True)
    assert [(x.label, x.images) for x in result.classes] == [("red", 1), ("green", 1), ("blue", 2)]
    assert result.accuracy == 3 / 4
    assert (result.not_in_data, result.not_in_model) == ((), ())
    (data / "n04").mkdir()
    with pytest.raises(InputError, match="expected 3 classes, as the model has, found 4"):
        edgebin.evaluate(model(), data, by_order=True)


def test_a_part_is_chosen(tmp_path: Path) -> None:
    fill(tmp_path / "train", {"red": ["red"]})
    fill(tmp_path / "val", {"red": ["red", "blue"]})
    assert open_class_folders(tmp_path).part == "val"
    fill(tmp_path / "test", {"red": ["red"] * 3})
    result = edgebin.evaluate(model(), tmp_path)
    assert (result.part, result.images) == ("test", 3)
    assert edgebin.evaluate(model(), tmp_path, split="train").images == 1
    with pytest.raises(OptionError, match="split: expected test, val, train, found 'all'"):
        edgebin.evaluate(model(), tmp_path, split="all")
    with pytest.raises(InputError, match="expected test/, found none of them"):
        edgebin.evaluate(model(), tmp_path / "val", split="test")


def test_folders_beside_parts_are_classes(tmp_path: Path) -> None:
    """A class may be called test."""
    fill(tmp_path, {"test": ["red"], "red": ["red"]})
    assert open_class_folders(tmp_path).folders == ("red", "test")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: None, "No such file or directory"),
        (lambda path: path.mkdir(), "expected a folder for each class, found none"),
        (lambda path: path.write_bytes(b""), "Not a directory"),
        (
            lambda path: fill(path, {"cat": []}),
            r"classes of the model \(red, green, blue\)",
        ),
        (lambda path: fill(path, {"red": []}), "expected images of its classes, found none"),
    ],
)
def test_what_is_no_such_folder_is_one_line(make: Any, message: str, tmp_path: Path) -> None:
    make(tmp_path / "data")
    with pytest.raises(InputError, match=message):
        edgebin.evaluate(model(), tmp_path / "data")


def test_other_tasks_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="task: expected classify, found embed"):
        edgebin.evaluate(model(task=Task("embed")), folder)


def test_mistakes_are_bounded(tmp_path: Path) -> None:
    data = fill(tmp_path, {"red": ["green"] * 30, LABELS[1]: ["green"]})
    assert len(edgebin.evaluate(model(), data, worst=7).worst) == 7
