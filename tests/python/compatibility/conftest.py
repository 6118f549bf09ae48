"""Fixtures written by version 0.1.0, copied to where a test may write."""

from __future__ import annotations

import lzma
import shutil
from pathlib import Path

import pytest
import torch

from training.fixture_images import write_images

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def old() -> Path:
    """The folder of the files that 0.1.0 wrote."""
    return Path(__file__).parents[2] / "fixtures/0.1.0"


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The images that the networks of the fixtures were trained on."""
    return write_images(tmp_path_factory.mktemp("images"))


@pytest.fixture
def runs(old: Path, tmp_path: Path) -> Path:
    """A copy of the fixtures whose checkpoints are unpacked."""
    copy = tmp_path / "runs"
    shutil.copytree(old, copy)
    for packed in copy.rglob("*.xz"):
        packed.with_suffix("").write_bytes(lzma.decompress(packed.read_bytes()))
    return copy
