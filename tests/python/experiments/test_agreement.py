"""`agreement.py` accepts the checkpoint that a model was exported from, and no other."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edgebin
from agreement import TIE, first_difference
from edgebin.exporter.capture import capture
from edgebin.exporter.dialect import reals, rewrite, with_constants
from edgebin.exporter.evaluate import evaluate
from edgebin.graph.format import read
from edgebin.graph.ir import Node
from edgebin.runtime import zoo
from edgebin.sources import from_checkpoint
from edgebin.train.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from processes.benchmark_script import benchmark
from training.packed_checkpoint import unpacked

NAME = "cifar10-resnet20"
PACKED = Path(__file__).parents[3] / "models" / NAME / "checkpoint.pt.xz"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return unpacked(PACKED, tmp_path)


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A folder of random images, each under the class that the model gives it, but one."""
    pixels = np.random.default_rng(1).integers(0, 256, (12, 40, 32, 3), dtype=np.uint8)
    model = edgebin.load(NAME)
    for name in model.labels:
        (tmp_path / "data" / "val" / name).mkdir(parents=True)
    for number, image in enumerate(pixels):
        index = model(image, top=1)[0].index
        name = model.labels[(index + (number == 0)) % 10]
        Image.fromarray(image).save(tmp_path / "data" / "val" / name / f"{number}.png")
    return tmp_path / "data"


def test_a_model_agrees_with_its_checkpoint(
    photographs: Path, checkpoint: Path, tmp_path: Path
) -> None:
    output = tmp_path / "agreement.json"
    assert benchmark("agreement", checkpoint, NAME, "--data", photographs, "--output", output) == 0
    result = json.loads(output.read_text())
    assert (result["images"], result["test_set"], result["agrees"]) == (12, "data", True)
    assert result["accuracy"] == {"torch": 11 / 12, "edgebin": 11 / 12}
    assert result["logit_difference"]["median"] < 1e-3


def test_another_network_does_not_agree(
    photographs: Path, checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained = load_checkpoint(checkpoint)
    model = {**trained.model, "head.weight": -trained.model["head.weight"]}
    other = tmp_path / "other.pt"
    save_checkpoint(other, dataclasses.replace(trained, model=model))
    assert benchmark("agreement", other, NAME, "--data", photographs) == 1
    result = json.loads(capsys.readouterr().out)
    assert result["agrees"] is False
    assert result["differing"] == len(result["ties"]) > 0


def test_the_first_code_that_differs_is_found(checkpoint: Path) -> None:
    source = from_checkpoint(checkpoint)
    network = capture(source.model, source.example, source.preprocessing)
    graph = read(zoo.shipped()[NAME]).graph
    image = np.random.default_rng(2).integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)
    assert first_difference(network, graph, image) == ("", 0.0)

    def moved(node: Node) -> tuple[Node, ...]:
        if node.name != "layer2.1.act1":
            return (node,)
        return (
            with_constants(node, thresholds=(reals(node, "thresholds") + 0.5).astype(np.float32)),
        )

    name, distance = first_difference(network, rewrite(graph, moved), image)
    assert name == "layer2.1.act1"
    assert distance > 1e-5

    # A threshold that one value crosses, by as little as rounding may move it, is a tie.
    node = next(node for node in network.nodes if node.name == "layer2.1.act1")
    values, thresholds = (
        evaluate(network, image)[node.inputs[0]].numpy(),
        reals(node, "thresholds")[0],
    )
    lowest = values[values > thresholds[1]].min()

    def beside(one: Node) -> tuple[Node, ...]:
        if one.name != node.name:
            return (one,)
        near = np.array([[thresholds[0], lowest + 1e-9, thresholds[2]]])
        near = near.repeat(len(one.constants["thresholds"]), 0)
        return (with_constants(one, thresholds=near),)

    name, distance = first_difference(rewrite(network, beside), graph, image)
    assert name == node.name
    assert 0 < distance < TIE


def test_a_test_set_of_other_classes_is_named(
    photographs: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photographs / "val" / "cat").rename(photographs / "val" / "zebra")
    assert benchmark("agreement", checkpoint, NAME, "--data", photographs) == 2
    assert f"data: expected the classes of {NAME} in its order, found others" in (
        capsys.readouterr().err
    )
