"""The Python that README and docs/training.md print runs as printed, on images drawn here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import edgebin
from edgebin.train import load_recipe
from edgebin.train.data.source import normalised
from edgebin.train.recipe.names import SHIPPED

ROOT = Path(__file__).parents[3]
DISTILLATION = "\n[distillation]\nweight = 0.5\ntemperature = 4\n"


def snippet(document: str, heading: str, language: str = "python") -> str:
    """The first block of code after a heading."""
    text = (ROOT / document).read_text(encoding="utf-8")
    _, _, rest = text.partition(f"## {heading}\n")
    found = re.search(rf"```{language}\n(.*?)```", rest, re.S)
    assert found is not None
    return found[1]


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """photos/ in the current folder: bright dogs and dark cats, 24 of each to train on."""
    random = np.random.default_rng(0)
    for part, count in (("train", 24), ("val", 4)):
        for name, light in (("dog", 150), ("cat", 0)):
            folder = tmp_path / "photos" / part / name
            folder.mkdir(parents=True)
            for index in range(count):
                pixels = random.integers(0, 100, (20, 24, 3)) + light
                Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{index}.png")
    (tmp_path / "photo.jpg").write_bytes(b"")
    Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "photos"


def float_network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3, stride=4, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()),
        *(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)),
    )


def check_file(network: nn.Module, data: Any) -> None:
    """mine.ebn gives the logits of the network, for images as training saw them."""
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    x = normalised(torch.from_numpy(pixels).permute(0, 3, 1, 2), data.preprocessing)
    with torch.no_grad():
        expected = network.eval()(x).numpy()
    model = edgebin.load("mine.ebn")
    np.testing.assert_allclose(model.run(pixels), expected, atol=0.02 * np.abs(expected).max())
    assert model.labels == ("cat", "dog")
    Path("mine.ebn").unlink()


@pytest.mark.usefixtures("photos")
def test_from_training_to_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    shipped = (SHIPPED / "folder.toml").read_text()
    Path("taught.toml").write_text(shipped + DISTILLATION)
    names: dict[str, Any] = {"network": float_network()}
    exec(snippet("README.md", "Train and export"), names)
    check_file(names["network"], names["data"])

    few = 'RefineOptions(keep="all", pictures=20, holdout=10'
    lines = snippet("README.md", "From a float network of your own")
    assert 'RefineOptions(keep="all"' in lines
    exec(lines.replace('RefineOptions(keep="all"', few), names)
    assert "BinaryConv2d" in capsys.readouterr().out
    check_file(names["student"], names["data"])


class Noise(torch.utils.data.Dataset[tuple[Tensor, int]]):
    """Noise of two brightnesses, the labels."""

    def __init__(self, count: int) -> None:
        self.images = torch.randint(0, 100, (count, 3, 64, 64), dtype=torch.uint8)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.images[index] + 100 * (index % 2), index % 2


@pytest.mark.usefixtures("photos")
def test_the_document_on_training(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"network": float_network()}
    exec(snippet("docs/training.md", "A network of your own"), names)
    check_file(names["network"], names["data"])
    names = {"network": float_network(), "train_set": Noise(40), "holdout_set": Noise(8)}
    lines = snippet("docs/training.md", "Tensors of your own")
    exec(lines.replace("runs/mine", "runs/tensors"), names)
    assert "epoch 40/40: " in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.usefixtures("photos")
@pytest.mark.parametrize(
    ("document", "heading"),
    [("README.md", "Train and export"), ("docs/training.md", "Images of your own")],
)
def test_images_of_ones_own_from_the_command_line(
    document: str, heading: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from command_line import edgebin as command

    install, *commands = snippet(document, heading, "sh").splitlines()
    assert install == "pip install '.[train]'"
    for line in commands:
        program, *words = line.split()
        assert program == "edgebin"
        assert command(*words) == 0
    assert load_recipe("folder-resnet20").schedule.epochs == 40
    out, err = capsys.readouterr()
    assert "epoch 40/40: " in err
    assert "dog" in out
