"""`agreement.py` agrees with the checkpoint that a model is of, and with no other."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edgebin
from benchmark_script import benchmark
from edgebin.train.checkpoint import load_checkpoint, save_checkpoint

NAME = "cifar10-resnet20"
CHECKPOINT = Path(__file__).parents[3] / "docs" / "models" / NAME / "checkpoint.pt"


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A folder of random pictures, each under the class that the model gives it, but one."""
    pixels = np.random.default_rng(1).integers(0, 256, (12, 40, 32, 3), dtype=np.uint8)
    model = edgebin.load(NAME)
    for name in model.labels:
        (tmp_path / "data" / "val" / name).mkdir(parents=True)
    for number, picture in enumerate(pixels):
        index = model(picture, top=1)[0].index
        name = model.labels[(index + (number == 0)) % 10]
        Image.fromarray(picture).save(tmp_path / "data" / "val" / name / f"{number}.png")
    return tmp_path / "data"


def test_a_model_agrees_with_its_checkpoint(photographs: Path, tmp_path: Path) -> None:
    output = tmp_path / "agreement.json"
    assert benchmark("agreement", CHECKPOINT, NAME, "--data", photographs, "--output", output) == 0
    result = json.loads(output.read_text())
    assert (result["pictures"], result["test_set"], result["agrees"]) == (12, "data", True)
    assert result["accuracy"] == {"torch": 11 / 12, "edgebin": 11 / 12}
    assert result["logit_difference"]["median"] < 1e-3


def test_another_network_does_not_agree(
    photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = load_checkpoint(CHECKPOINT)
    model = {**checkpoint.model, "head.weight": -checkpoint.model["head.weight"]}
    other = tmp_path / "other.pt"
    save_checkpoint(other, dataclasses.replace(checkpoint, model=model))
    assert benchmark("agreement", other, NAME, "--data", photographs) == 1
    result = json.loads(capsys.readouterr().out)
    assert result["agrees"] is False
    assert result["differing"] == len(result["ties"]) > 0


def test_a_test_set_of_other_classes_is_named(
    photographs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photographs / "val" / "cat").rename(photographs / "val" / "zebra")
    assert benchmark("agreement", CHECKPOINT, NAME, "--data", photographs) == 2
    assert f"data: expected the classes of {NAME} in its order, found others" in (
        capsys.readouterr().err
    )
