"""Fixtures that the tests of the API and of the command line share, and hypothesis' profile.

The profile takes the same examples every time; EDGEBIN_EXAMPLES=500 takes more of them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from PIL import Image

from graphs.small_networks import binary_network, colour_network, written

# The processes that share the tests share the cores too; read when PyTorch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile(
    "edgebin",
    max_examples=int(os.environ.get("EDGEBIN_EXAMPLES", "10")),
    derandomize=True,
    database=None,
    deadline=None,
)
settings.load_profile("edgebin")

# A shell that starts the tests in the background has Ctrl-C ignored, by all that they start too.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def emulated() -> bool:
    """Whether this interpreter runs in an emulator: as a program to start it is none."""
    try:
        subprocess.run([sys.executable, "-c", ""], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return True
    return False


@pytest.fixture(scope="session")
def python(emulated: bool) -> str:
    """This interpreter, as a program to start."""
    if emulated:
        pytest.skip("starts Python, and this machine runs it in an emulator only")
    return sys.executable


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
    """A green image."""
    path = tmp_path / "green.png"
    Image.new("RGB", (40, 30), (0, 255, 0)).save(path)
    return path
