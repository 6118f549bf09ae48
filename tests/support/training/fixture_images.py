"""The image folder that the fixtures of version 0.1.0 were trained on, computed and not stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 12, 14
CLASSES = ("cat", "dog")
COUNTS = {"train": 12, "val": 4}


def write_images(folder: Path) -> Path:
    """Write train/CLASS/*.png and val/CLASS/*.png into the folder and return it.

    The pixels come from integer arithmetic alone, so they are the same everywhere.
    """
    seed = 1
    for part, count in COUNTS.items():
        for label, name in enumerate(CLASSES):
            home = folder / part / name
            home.mkdir(parents=True)
            for index in range(count):
                Image.fromarray(_pixels(seed, label)).save(home / f"{index:02}.png")
                seed += 1
    return folder


def _pixels(seed: int, label: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Noise in [0, 160), brighter by 80 in the first or the last channel."""
    state = seed * 2654435761 % 2**32
    values = []
    for _ in range(HEIGHT * WIDTH * 3):
        state = (1103515245 * state + 12345) % 2**31
        values.append((state >> 16) % 160)
    pixels = np.array(values, np.uint8).reshape(HEIGHT, WIDTH, 3)
    pixels[:, :, 2 * label] += 80
    return pixels
