"""Checkpoints: a training's state in a file, checked before PyTorch reads it."""

from __future__ import annotations

from edgebin.train.checkpoint.checkpoint import (
    Checkpoint,
    Preprocessing,
    load_checkpoint,
    load_network,
    save_checkpoint,
)

__all__ = ["Checkpoint", "Preprocessing", "load_checkpoint", "load_network", "save_checkpoint"]
