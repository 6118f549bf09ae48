"""The task of a network: in the file, in Python, and what it does to classes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import edgebin
from edgebin import _core
from edgebin.errors import EdgebinError, InputError, ModelFileError, OptionError
from edgebin.graph.detect import Detect
from edgebin.graph.format import encode, read, version_for, write
from edgebin.graph.ir import Network
from edgebin.graph.task import Task, as_task, default_task
from graphs.detectors import levels, passing_on
from graphs.small_networks import colour_network, two_outputs

RED = np.full((4, 4, 3), (255, 0, 0), np.uint8)


def detect(**changes: object) -> dict[str, object]:
    return {"kind": "detect", "detect": {"levels": [(1, 0, 1)], **changes}}


def read_labels(network: Network) -> tuple[str, ...]:
    return tuple(_core.Model(encode(network)).info.labels)


def softmax(logits: Any) -> Any:
    powers = np.exp(logits - np.max(logits))
    return powers / powers.sum()


@pytest.mark.parametrize("kind", ["classify", "segment", "embed", "raw"])
def test_it_comes_back(kind: Any, tmp_path: Path) -> None:
    task = Task(kind, 0.7, 0.3) if kind == "classify" else Task(kind)
    path = tmp_path / "task.ebn"
    write(replace(colour_network(), task=task), path)
    assert read(path).task == task
    assert encode(read(path)) == path.read_bytes()
    found = edgebin.load(path).task
    assert found.kind == kind
    assert found.temperature == pytest.approx(task.temperature)


@pytest.mark.parametrize(
    "rule",
    [
        Detect(levels((1, 0, 1))),
        Detect(levels((8, 0, 1), (4096, 2, 3)), "centre", 0.3, 4096, 4096, False),
        Detect(levels((8, 2, 1)), "ltrb", 1, 1, 1),
    ],
)
def test_a_detector_comes_back(rule: Detect, tmp_path: Path) -> None:
    made = passing_on([(2, 3), (2, 3)], 5, 0.05, rule)
    path = tmp_path / "boxes.ebn"
    write(replace(made, labels=("a", "b", "c", "d")), path)
    assert read(path).task == made.task
    assert encode(read(path)) == path.read_bytes()
    assert edgebin.load(path).task.detect == rule


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (((1, 1, 1),), "boxes are 2x3x5, scores are 2x3x5"),
        (((1, 0, 3),), "boxes are 2x3x4, scores are 1x3x5"),
        (((1, 0, 9),), "detect: expected an output, boxes0, scores0, boxes1, scores1, found 9"),
    ],
)
def test_outputs_that_suit_no_level_are_refused(given: Any, message: str) -> None:
    made = passing_on([(2, 3), (1, 3)], 5, 0.05, Detect(given))
    with pytest.raises(EdgebinError, match=message):
        encode(made)


def test_labels_of_a_detector_are_those_of_its_scores() -> None:
    made = passing_on([(2, 3)], 5, 0.05, Detect(levels((1, 0, 1))))
    assert read_labels(replace(made, labels=tuple("abcde"))) == tuple("abcde")
    with pytest.raises(ModelFileError, match="labels are at most 5, found 6"):
        encode(replace(made, labels=tuple("abcdef")))


def test_what_files_say_anyway_is_left_out() -> None:
    classifier = colour_network()
    assert version_for(replace(classifier, task=Task())) == version_for(classifier) == 2
    assert encode(replace(classifier, task=Task())) == encode(classifier)
    assert version_for(replace(classifier, task=Task("raw"))) == 3
    graph = two_outputs(classifier).graph
    dense = replace(classifier, graph=replace(graph, outputs=("scaled",)), labels=())
    assert version_for(replace(dense, task=Task("raw"))) == 2
    assert default_task((4, 4, 3)) == Task("raw")
    for kind in ("classify", "embed"):
        with pytest.raises(ModelFileError, match=r"expected one position \[task.output\]"):
            encode(replace(dense, task=Task(kind)))


@pytest.mark.parametrize("softmaxed", [False, True])
def test_temperature_is_that_of_the_scores(softmaxed: bool, tmp_path: Path) -> None:
    made = colour_network(softmax=softmaxed)
    write(replace(made, task=Task("classify", temperature=4)), tmp_path / "warm.ebn")
    best = edgebin.load(tmp_path / "warm.ebn")(RED)
    expected = softmax(np.array([10.0, 0, 0]) / 4)
    assert best[0].label == "red"
    assert [p.score for p in best] == pytest.approx(expected.tolist(), rel=1e-6)


def test_below_the_threshold_an_image_is_of_no_class(tmp_path: Path) -> None:
    write(replace(colour_network(), task=Task("classify", 1, 0.5)), tmp_path / "strict.ebn")
    model = edgebin.load(tmp_path / "strict.ebn")
    black = np.zeros((4, 4, 3), np.uint8)
    red, nothing = model([RED, black])
    assert red[0].label == "red"
    assert nothing == []


def test_other_tasks_are_not_classified(tmp_path: Path) -> None:
    write(replace(colour_network(), task=Task("raw")), tmp_path / "raw.ebn")
    model = edgebin.load(tmp_path / "raw.ebn")
    with pytest.raises(InputError, match="task: expected classify, found raw; what works"):
        model(RED)
    assert model.run(RED[None]).shape == (1, 3)


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("count", "task kind: expected classify, detect, segment, embed, raw, found 'count'"),
        ({"temperature": 0}, "task temperature: expected above 0, found 0"),
        ({"temperature": float("nan")}, "task temperature"),
        ({"temperature": 1e38}, "task temperature"),
        ({"threshold": 1.5}, "task threshold: expected 0 to 1, found 1.5"),
        ({"threshold": "high"}, "task threshold"),
        ({"kind": "raw", "threshold": 0.5}, "threshold is of classify and detect, not raw"),
        ({"kind": "raw", "temperature": 2}, "temperature is of classify, not raw"),
        ({"level": 1}, "or a dictionary of kind, temperature, threshold, detect"),
        ("detect", "expected a rule `detect` for the kind detect, found none"),
        ({"detect": {"levels": [(1, 0, 1)]}}, "found one for classify"),
        (detect(levels=[]), "detect levels: expected 1 to 8 of"),
        (detect(levels=[(1, 0, 1)] * 9), "detect levels: expected 1 to 8 of"),
        (detect(levels=[(1, 0)]), "detect level: expected .stride, boxes, scores., found .1, 0."),
        (detect(levels=[(0, 0, 1)]), "detect stride: expected 1 to 4096, found 0"),
        (detect(levels=[(1, -1, 1)]), "detect boxes: expected 0 to"),
        (detect(form="corners"), "detect form: expected ltrb, centre, found 'corners'"),
        (detect(iou_threshold=1.5), "detect iou_threshold: expected 0 to 1, found 1.5"),
        (detect(candidates=5000), "detect candidates: expected 1 to 4096, found 5000"),
        (detect(candidates=5, max_boxes=6), "detect max_boxes: expected 1 to 5, found 6"),
        (detect(class_aware=1), "detect class_aware: expected True or False, found 1"),
        (detect(stride=8), "detect: expected a dictionary of levels, form"),
        (7, "found 7"),
    ],
)
def test_what_is_no_task_is_refused(task: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        as_task(task)
