"""Folders of random images, as training reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def draw_images(folder: Path, count: int) -> None:
    """Write `count` random images for each of two classes, and two of each to test on."""
    random = np.random.default_rng(0)
    for part, number in (("train", count), ("val", 2)):
        for name in ("cat", "dog"):
            home = folder / part / name
            home.mkdir(parents=True)
            for index in range(number):
                pixels = random.integers(0, 256, (16, 16, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(home / f"{index}.png")
