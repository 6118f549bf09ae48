"""A data set and a recipe small enough to train in a second, and images on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from edgebin.graph.preprocessing import Preprocessing
from edgebin.train.data.cifar10 import ImageTensor
from edgebin.train.data.source import DataSet
from edgebin.train.recipe.recipe import Recipe, parse_recipe

torch.set_num_threads(1)


@pytest.fixture
def table() -> dict[str, dict[str, Any]]:
    """A recipe as plain data."""
    return {
        "network": {"name": "resnet20", "width": 0.15, "first": "int8", "affine": True},
        "data": {"kind": "cifar10", "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]},
        "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9, "nesterov": True},
        "schedule": {"epochs": 4, "batch_size": 8, "warmup_epochs": 1, "kind": "cosine"},
        "run": {"seed": 3, "channels_last": True},
    }


@pytest.fixture
def recipe(table: dict[str, dict[str, Any]]) -> Recipe:
    """The same as a recipe."""
    return parse_recipe(table, source="tiny.toml")


@pytest.fixture
def data() -> DataSet:
    """Three classes of 8x8 images: 34 to train on, 9 held out, 12 to test on."""
    generator = torch.Generator().manual_seed(0)

    def part(count: int) -> ImageTensor:
        labels = torch.arange(count) % 3
        noise = torch.randint(0, 100, (count, 3, 8, 8), generator=generator)
        noise[torch.arange(count), labels] += 100
        return ImageTensor(noise.to(torch.uint8), labels, pad=1, flip=True)

    half = (0.5, 0.5, 0.5)
    preprocessing = Preprocessing(half, (0.25, 0.25, 0.25), resize=8, input_size=8)
    return DataSet(("red", "green", "blue"), preprocessing, part(34), part(9), part(12))


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder of class folders: train/ with 2 x 6 images, val/ with 2 x 2."""
    random = np.random.default_rng(0)
    for part, count in (("train", 6), ("val", 2)):
        for name in ("b_dog", "a_cat"):
            home = tmp_path / "images" / part / name
            home.mkdir(parents=True)
            for index in range(count):
                height, width = random.integers(12, 30, 2)
                pixels = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(home / f"{index}.png")
    return tmp_path / "images"
