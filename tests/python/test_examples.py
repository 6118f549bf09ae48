"""The sample images: drawn by their script, known to the shipped model. And the other script."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edgebin
from edgebin.graph.format import read

EXAMPLES = Path(__file__).parents[2] / "examples"
LABELS = {
    "airplane": "airplane",
    "automobile": "automobile",
    "sailboat": "ship",
    "ship": "ship",
    "truck": "truck",
}


@pytest.mark.parametrize("name", LABELS)
def test_the_script_draws_the_images_that_are_there(name: str) -> None:
    drawn = runpy.run_path(str(EXAMPLES / "draw.py"))["IMAGES"][name]()
    kept = Image.open(EXAMPLES / f"{name}.png")
    difference = np.abs(np.asarray(drawn, np.int16) - np.asarray(kept, np.int16))
    assert difference.mean() < 1, "another Pillow may round otherwise, no more"


@pytest.mark.parametrize(("name", "label"), LABELS.items())
def test_the_shipped_model_knows_them(name: str, label: str) -> None:
    assert edgebin.load("cifar10-resnet20")(EXAMPLES / f"{name}.png")[0].label == label


def test_a_float_network_becomes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        runpy.run_path(str(EXAMPLES / "convert.py"))["main"](tmp_path / "mine.ebn")
    finally:
        torch.set_num_threads(threads)
    printed = capsys.readouterr().out
    assert printed.count("BinaryConv2d") == 2
    before, after = (float(share) for share in re.findall(r"([\d.]+)% of", printed))
    assert before > 85
    assert after > before - 10
    assert read(tmp_path / "mine.ebn").labels == ("disc", "square", "cross")
