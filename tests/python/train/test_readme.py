"""What the README says to write in Python runs as it stands, on images drawn here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import edgebin
from tiny_training import folder_recipe

README = Path(__file__).parents[3] / "README.md"
DISTILLATION = "[distillation]\nweight = 0.5\ntemperature = 4\n"


def snippet(heading: str) -> str:
    """The first lines of Python after a heading."""
    _, _, rest = README.read_text(encoding="utf-8").partition(f"## {heading}\n")
    found = re.search(r"```python\n(.*?)```", rest, re.S)
    assert found is not None
    return found[1]


def float_network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()),
        *(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)),
    )


def test_from_training_to_a_file(
    images: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert images == tmp_path / "images"
    monkeypatch.chdir(tmp_path)
    plain = folder_recipe().partition("[data]")[2]
    (tmp_path / "mine.toml").write_text("[data]" + plain)
    (tmp_path / "taught.toml").write_text("[data]" + plain + DISTILLATION)
    names: dict[str, Any] = {"network": float_network()}

    exec(snippet("Train and export"), names)
    assert edgebin.load("mine.ebn").labels == ("a_cat", "b_dog")

    few = 'RefineOptions(keep="all", images=7, holdout=5'
    lines = snippet("From a float network of your own")
    assert 'RefineOptions(keep="all"' in lines
    (tmp_path / "mine.ebn").unlink()
    exec(lines.replace('RefineOptions(keep="all"', few), names)
    assert "BinaryConv2d" in capsys.readouterr().out
    random = np.random.default_rng(0)
    seen = random.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    x = torch.from_numpy(seen).permute(0, 3, 1, 2) / 255.0
    expected = names["student"].eval()((x - 0.5) / 0.25).detach().numpy()
    np.testing.assert_allclose(edgebin.load("mine.ebn").run(seen), expected, atol=0.02)
