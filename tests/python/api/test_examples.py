"""The sample pictures: drawn by their script, and known to the shipped model."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edgebin

EXAMPLES = Path(__file__).parents[3] / "examples"
LABELS = {
    "airplane": "airplane",
    "automobile": "automobile",
    "sailboat": "ship",
    "ship": "ship",
    "truck": "truck",
}


@pytest.mark.parametrize("name", LABELS)
def test_the_script_draws_the_pictures_that_are_there(name: str) -> None:
    drawn = runpy.run_path(str(EXAMPLES / "draw.py"))["PICTURES"][name]()
    kept = Image.open(EXAMPLES / f"{name}.png")
    difference = np.abs(np.asarray(drawn, np.int16) - np.asarray(kept, np.int16))
    assert difference.mean() < 1, "another Pillow may round otherwise, no more"


@pytest.mark.parametrize(("name", "label"), LABELS.items())
def test_the_shipped_model_knows_them(name: str, label: str) -> None:
    assert edgebin.load("cifar10-resnet20")(EXAMPLES / f"{name}.png")[0].label == label
