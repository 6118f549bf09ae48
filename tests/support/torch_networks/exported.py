"""A small float network for 64x64 images, and whether an exported file computes what it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import edgebin
from edgebin.train.data.source import normalised


def float_network() -> nn.Module:
    """Return a network of three convolutions and two classes."""
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3, stride=4, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()),
        *(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)),
    )


def check_file(network: nn.Module, data: Any) -> None:
    """Compare mine.ebn with the network on images as training saw them, and remove it."""
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    x = normalised(torch.from_numpy(pixels).permute(0, 3, 1, 2), data.preprocessing)
    with torch.no_grad():
        expected = network.eval()(x).numpy()
    model = edgebin.load("mine.ebn")
    np.testing.assert_allclose(model.run(pixels), expected, atol=0.02 * np.abs(expected).max())
    assert model.labels == ("cat", "dog")
    Path("mine.ebn").unlink()
