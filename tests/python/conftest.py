"""Fixtures that the tests of the API and of the command line share."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from small_networks import binary_network, colour_network, written


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """File of a network that names the strongest of red, green and blue."""
    return written(colour_network(), tmp_path)


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    """File of a network with every kind of weights."""
    return written(binary_network(), tmp_path)


@pytest.fixture
def green(tmp_path: Path) -> Path:
    """A green picture."""
    path = tmp_path / "green.png"
    Image.new("RGB", (40, 30), (0, 255, 0)).save(path)
    return path
