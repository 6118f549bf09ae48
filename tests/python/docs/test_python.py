"""Python in documents runs as it is printed, each block with what the text above it assumes."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from snippets import ROOT, Block, block, blocks
from training.image_folder import draw_images

pytest.importorskip("torch", reason="needs PyTorch")

import torch
from torch import nn

import edgebin
from torch_networks.exported import check_file, float_network

# Tested with what surrounds them.
ELSEWHERE = ("docs/training.md",)


def examples(folder: Path) -> dict[str, Any]:
    """Prepare the images of the repository, one as photo.jpg, and pixels of the shipped model."""
    (folder / "examples").symlink_to(ROOT / "examples")
    Image.open(ROOT / "examples/ship.png").convert("RGB").save(folder / "photo.jpg")
    return {"pixels": np.zeros((2, 32, 32, 3), np.uint8)}


def conversion(folder: Path) -> dict[str, Any]:
    """Prepare images in folders and a float network."""
    draw_images(folder / "photos", 40)
    return {"network": float_network().eval()}


def conversion_with_teacher(folder: Path) -> dict[str, Any]:
    """Prepare images in folders for an alternating update, and a recipe with a teacher."""
    draw_images(folder / "photos", 600)
    recipe = (files("edgebin") / "train/recipe/shipped/folder.toml").read_text(encoding="utf-8")
    # As the document says, and one epoch of forty: a test has no better network to wait for.
    short = recipe.replace("epochs = 40", "epochs = 1").replace("warmup_epochs = 2", "")
    assert short != recipe
    table = block("docs/convert.md", "Convert a float network", "toml").text
    (folder / "taught.toml").write_text(short + table)
    return {"network": float_network().eval()}


def evaluation(folder: Path) -> dict[str, Any]:
    """Prepare images in folders and a network that takes all of them for cats."""
    draw_images(folder / "photos", 1)
    last = nn.Linear(3, 2)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    network = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), last)
    edgebin.export(
        network.eval(), torch.zeros(1, 3, 8, 8), folder / "mine.ebn", labels=("cat", "dog")
    )
    return {}


def refused(_: Path) -> dict[str, Any]:
    """Return a network of which export refuses one layer."""
    return {"network": nn.Sequential(nn.Conv2d(3, 4, 3), nn.Mish()).eval()}


PREPARE: dict[tuple[str, str], Callable[[Path], dict[str, Any]]] = {
    ("README.md", "Install and run"): examples,
    ("README.md", "Convert your own"): conversion,
    ("docs/quick-start.md", "From Python"): examples,
    ("docs/python.md", "Load"): examples,
    ("docs/python.md", "Images"): examples,
    ("docs/python.md", "Pixels and outputs"): examples,
    ("docs/python.md", "Several inputs, other types"): examples,
    ("docs/python.md", "Tasks"): examples,
    ("docs/python.md", "Detectors"): examples,
    ("docs/python.md", "Label maps and vectors"): examples,
    ("docs/python.md", "Values inside a network"): examples,
    ("docs/python.md", "Pickle, copies, processes"): examples,
    ("docs/evaluate.md", "Evaluating a model"): evaluation,
    ("docs/raspberry-pi.md", "4. Run"): examples,
    ("docs/convert.md", "Convert a float network"): conversion_with_teacher,
    ("docs/convert.md", "What a network may be made of"): refused,
}
PRINTS = {
    ("README.md", "Install and run"): "['truck', 'airplane']\n",
    ("README.md", "Convert your own"): "BinaryConv2d",
    ("docs/quick-start.md", "From Python"): "ship",
    ("docs/python.md", "Load"): "<edgebin.Model 'cifar10-resnet20' from model in memory on ",
    ("docs/python.md", "Images"): "airplane\n",
    ("docs/python.md", "Pixels and outputs"): "(2, 32, 32, 3) uint8\n",
    ("docs/python.md", "Several inputs, other types"): "(1, 8)\n",
    ("docs/python.md", "Tasks"): "classify 0.6\n",
    ("docs/python.md", "Detectors"): "",
    ("docs/python.md", "Label maps and vectors"): "(256, 256)\n",
    ("docs/python.md", "Values inside a network"): "(1, 64) uint8\n",
    ("docs/python.md", "Pickle, copies, processes"): "cifar10-resnet20.ebn' on ",
    ("docs/evaluate.md", "Evaluating a model"): "0.5 [('dog', 'cat', 4)]\n",
    ("docs/raspberry-pi.md", "4. Run"): "ship\n",
    ("docs/convert.md", "Convert a float network"): "BinaryConv2d",
    ("docs/convert.md", "What a network may be made of"): 'module "1": found aten.mish',
}


SLOW = (conversion, conversion_with_teacher)


def cases() -> list[Any]:
    """Return the blocks to run; those that train are slow."""
    return [
        pytest.param(
            code,
            id=str(code),
            marks=pytest.mark.slow if PREPARE.get((code.path, code.heading)) in SLOW else (),
        )
        for code in blocks("python")
        if code.path not in ELSEWHERE
    ]


@pytest.mark.parametrize("code", cases())
def test_it_runs_as_printed(
    code: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = PREPARE[code.path, code.heading](tmp_path)
    monkeypatch.chdir(tmp_path)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        exec(code.text, names)
    finally:
        torch.set_num_threads(threads)
    assert PRINTS[code.path, code.heading] in capsys.readouterr().out
    if "student" in names:
        check_file(names["student"], names["data"])
