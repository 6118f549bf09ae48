"""What docs/training.md prints runs as printed, on images drawn here."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

from edgebin.train import load_recipe
from torch_networks.exported import check_file, float_network
from training.image_folder import draw_images

ROOT = Path(__file__).parents[3]


def snippet(document: str, heading: str, language: str = "python") -> str:
    """The first block of code after a heading."""
    text = (ROOT / document).read_text(encoding="utf-8")
    _, _, rest = text.partition(f"## {heading}\n")
    found = re.search(rf"```{language}\n(.*?)```", rest, re.S)
    assert found is not None
    return found[1]


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """photos/ in the current folder, 24 images of each class to train on."""
    draw_images(tmp_path / "photos", 24)
    shutil.copy(tmp_path / "photos/val/dog/0.png", tmp_path / "photo.png")
    Image.open(tmp_path / "photo.png").save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "photos"


class Noise(torch.utils.data.Dataset[tuple[Tensor, int]]):
    """Noise of two brightnesses, the labels."""

    def __init__(self, count: int) -> None:
        self.images = torch.randint(0, 100, (count, 3, 64, 64), dtype=torch.uint8)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.images[index] + 100 * (index % 2), index % 2


@pytest.mark.slow
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
def test_images_of_ones_own_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    from processes.command_line import edgebin as command

    install, *commands = snippet("docs/training.md", "Images of your own", "sh").splitlines()
    assert install == "pip install '.[train]'"
    for line in commands:
        program, *words = line.split()
        assert program == "edgebin"
        assert command(*words) == 0
    assert load_recipe("folder-resnet20").schedule.epochs == 40
    out, err = capsys.readouterr()
    assert "epoch 40/40: " in err
    assert "dog" in out
