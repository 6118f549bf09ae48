"""The shipped models are those that were trained, and classify as PyTorch does."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import edgebin
from edgebin.exporter import to_network
from edgebin.graph.fingerprint import make
from edgebin.graph.format import encode
from edgebin.runtime import zoo
from edgebin.sources import Source, from_checkpoint
from edgebin.train.data.cifar10 import TEST_FILE, read_batch
from graphs.dialect_graphs import torch_logits
from training.packed_checkpoint import unpacked

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "experiments" / "results"
CIFAR10 = os.environ.get("EDGEBIN_CIFAR10", "")
# How many images PyTorch computes in float64 in a few seconds.
IMAGES = {"cifar10-resnet20": 300, "cifar10-vgg-small": 60}
FAST = "cifar10-resnet20"

Images = npt.NDArray[np.uint8]


@pytest.fixture(params=zoo.shipped())
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def trained(name: str, tmp_path: Path) -> Source:
    """The source of an export; checkpoints are packed (`experiments/strip.py`)."""
    packed = ROOT / "models" / name / "checkpoint.pt.xz"
    return from_checkpoint(unpacked(packed, tmp_path))


def generated(count: int, wanted: int) -> Images:
    """Cut the drawn examples at random places and sizes, and add noise."""
    rng = np.random.default_rng(32)
    drawn = [Image.open(path) for path in sorted((ROOT / "examples").glob("*.png"))]
    cut = []
    for index in range(count):
        image = drawn[index % len(drawn)]
        side = int(rng.integers(image.width // 3, image.width))
        left, top = rng.integers(0, image.width - side, 2).tolist()
        small = image.resize((wanted, wanted), box=(left, top, left + side, top + side))
        noise = rng.normal(0, rng.uniform(0, 30), (wanted, wanted, 3))
        noisy = np.asarray(small, np.float64) + noise
        cut.append(noisy.clip(0, 255).astype(np.uint8))
    return np.stack(cut)


def test_it_is_the_export_of_its_checkpoint(name: str, trained: Source) -> None:
    network = to_network(
        trained.model,
        trained.example,
        labels=trained.labels,
        preprocessing=trained.preprocessing,
        name=name,
    )
    network = replace(network, self_test=make(network.graph))
    shipped = edgebin.load(name)
    assert encode(network, producer=shipped.producer) == zoo.shipped()[name].read_bytes()


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name != FAST)) for name in zoo.shipped()],
)
def test_generated_images_get_the_class_that_pytorch_gives(name: str, trained: Source) -> None:
    model = edgebin.load(name)
    images = generated(IMAGES.get(name, 24), model.inputs[0].shape[0])
    found = model.run(images).argmax(1)
    exact = torch_logits(trained.model, images, trained.preprocessing)
    np.testing.assert_array_equal(found, exact.argmax(1))
    assert len(np.unique(found)) >= 5


def test_its_card_says_what_was_measured(name: str) -> None:
    card = (ROOT / "models" / name / "README.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    row = next(line for line in readme.splitlines() if line.startswith(f"| [{name}]"))
    accuracy = f"{measured(name):.2%}".replace("%", " %")
    assert accuracy in card
    assert accuracy in row
    size = zoo.shipped()[name].stat().st_size
    assert f"{size:,} bytes" in card
    links = re.findall(r"\]\(([^)]+)\)", card)
    assert [link for link in links if not (ROOT / "models" / name / link).exists()] == []
    agreement = json.loads((RESULTS / f"agreement-{name}.json").read_text())
    assert agreement["agrees"]
    assert agreement["file_bytes"] == size
    assert agreement["accuracy"]["edgebin"] == measured(name)


@pytest.mark.skipif(not CIFAR10, reason="EDGEBIN_CIFAR10 names no folder with CIFAR-10")
@pytest.mark.parametrize("name", [name for name in zoo.shipped() if name.startswith("cifar10-")])
def test_the_accuracy_is_that_of_the_card(name: str) -> None:
    planes, labels = read_batch(Path(CIFAR10) / TEST_FILE)
    images = np.ascontiguousarray(planes.permute(0, 2, 3, 1).numpy())
    found = edgebin.load(name, threads=2).run(images).argmax(1)
    assert (found == labels.numpy()).mean() == measured(name)


def measured(name: str) -> float:
    """What `accuracy.py` found."""
    result = json.loads((RESULTS / "accuracy.json").read_text())
    return float(next(row["accuracy"] for row in result["results"] if row["model"] == name))
