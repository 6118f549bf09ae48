"""Images and networks whose answers are the pixels that the network got."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgebin.graph.format import write
from edgebin.graph.ir import Graph, Network, Node
from edgebin.graph.preprocessing import Preprocessing

CHANNELS = {"rgb": 3, "bgr": 3, "grey": 1}


def mirror(
    folder: Path, size: tuple[int, int], colour: Any, filter: Any, resize: int, **more: Any
) -> Path:
    """Write a network that gives back its input, (height, width) large, and return its file.

    `more` are arguments of `Preprocessing`.
    """
    channels = CHANNELS[colour]
    ones = np.ones(channels, np.float32)
    node = Node("affine", "pixels", ("image",), {"scale": ones, "bias": 0 * ones})
    zeros, ones_ = (0.0,) * channels, (1.0,) * channels
    rule = Preprocessing(zeros, ones_, resize, filter, colour, **more)
    network = Network(
        "mirror", Graph.of_image("image", (*size, channels), (node,), ("pixels",)), rule, ()
    )
    path = folder / "mirror.ebn"
    write(network, path)
    return path


def save(path: Path, pixels: npt.NDArray[np.uint8]) -> Path:
    """Write (height, width, 3 or 1) pixels as PPM or PGM."""
    height, width, channels = pixels.shape
    kind = b"P6" if channels == 3 else b"P5"
    path.write_bytes(b"%b\n%d %d\n255\n" % (kind, width, height) + pixels.tobytes())
    return path


def noise(random: np.random.Generator, height: int, width: int, channels: int) -> Any:
    """Pixels of all values; every other image has hard edges, on which filters overshoot."""
    if random.integers(2):
        return 255 * random.integers(0, 2, (height, width, channels), dtype=np.uint8)
    return random.integers(0, 256, (height, width, channels), dtype=np.uint8)
