"""The task of a network: in the file, in Python, and what it does to classes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import edgebin
from edgebin.errors import InputError, ModelFileError, OptionError
from edgebin.graph.format import encode, read, version_for, write
from edgebin.graph.task import Task, as_task, default_task
from graphs.small_networks import colour_network, two_outputs

RED = np.full((4, 4, 3), (255, 0, 0), np.uint8)


def softmax(logits: Any) -> Any:
    powers = np.exp(logits - np.max(logits))
    return powers / powers.sum()


@pytest.mark.parametrize("kind", ["classify", "detect", "segment", "embed", "raw"])
def test_it_comes_back(kind: Any, tmp_path: Path) -> None:
    task = Task(kind, 0.7, 0.3) if kind == "classify" else Task(kind)
    path = tmp_path / "task.ebn"
    write(replace(colour_network(), task=task), path)
    assert read(path).task == task
    assert encode(read(path)) == path.read_bytes()
    found = edgebin.load(path).task
    assert found.kind == kind
    assert found.temperature == pytest.approx(task.temperature)


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
    write(replace(colour_network(), task=Task("embed")), tmp_path / "vector.ebn")
    model = edgebin.load(tmp_path / "vector.ebn")
    with pytest.raises(InputError, match="task: expected classify, found embed; what works"):
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
        ({"kind": "raw", "threshold": 0.5}, "temperature and threshold are of classify, not raw"),
        ({"level": 1}, "or a dictionary of kind, temperature, threshold"),
        (7, "found 7"),
    ],
)
def test_what_is_no_task_is_refused(task: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        as_task(task)
