"""The shipped model is the one that was trained, and classifies as PyTorch does."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import edgebin
from dialect_graphs import torch_logits
from edgebin.exporter import to_network
from edgebin.exporter.sources import Source, from_checkpoint
from edgebin.format import encode
from edgebin.self_test import make
from edgebin.train.data.cifar10 import TEST_FILE, read_batch

ROOT = Path(__file__).parents[3]
NAME = "cifar10-resnet20"
CIFAR10 = os.environ.get("EDGEBIN_CIFAR10", "")

Pictures = npt.NDArray[np.uint8]


@pytest.fixture
def trained() -> Source:
    return from_checkpoint(ROOT / "docs" / "models" / NAME / "checkpoint.pt")


def generated(count: int) -> Pictures:
    """Cut the drawn examples at random places and sizes, and add noise."""
    rng = np.random.default_rng(32)
    drawn = [Image.open(path) for path in sorted((ROOT / "examples").glob("*.png"))]
    cut = []
    for index in range(count):
        picture = drawn[index % len(drawn)]
        side = int(rng.integers(picture.width // 3, picture.width))
        left, top = rng.integers(0, picture.width - side, 2).tolist()
        small = picture.resize((32, 32), box=(left, top, left + side, top + side))
        noisy = np.asarray(small, np.float64) + rng.normal(0, rng.uniform(0, 30), (32, 32, 3))
        cut.append(noisy.clip(0, 255).astype(np.uint8))
    return np.stack(cut)


def test_it_is_the_export_of_its_checkpoint(trained: Source) -> None:
    network = to_network(
        trained.model,
        trained.example,
        labels=trained.labels,
        preprocessing=trained.preprocessing,
        name=NAME,
    )
    network = replace(network, self_test=make(network.graph))
    shipped = edgebin.load(NAME)
    assert encode(network, producer=shipped.producer) == shipped.path.read_bytes()


def test_generated_pictures_get_the_class_that_pytorch_gives(trained: Source) -> None:
    pictures = generated(300)
    found = edgebin.load(NAME).run(pictures).argmax(1)
    exact = torch_logits(trained.model, pictures, trained.preprocessing)
    np.testing.assert_array_equal(found, exact.argmax(1))
    assert len(np.unique(found)) >= 5


@pytest.mark.skipif(not CIFAR10, reason="EDGEBIN_CIFAR10 names no folder with CIFAR-10")
def test_the_accuracy_is_that_of_the_card() -> None:
    planes, labels = read_batch(Path(CIFAR10) / TEST_FILE)
    pictures = np.ascontiguousarray(planes.permute(0, 2, 3, 1).numpy())
    found = edgebin.load(NAME, threads=2).run(pictures).argmax(1)
    assert (found == labels.numpy()).mean() == 0.8714
