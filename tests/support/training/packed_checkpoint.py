"""Unpacks a checkpoint that `experiments/strip.py` packed."""

from __future__ import annotations

import lzma
from pathlib import Path


def unpacked(packed: Path, folder: Path) -> Path:
    """FILE.pt.xz as FILE.pt in that folder."""
    path = folder / packed.stem
    path.write_bytes(lzma.decompress(packed.read_bytes()))
    return path
