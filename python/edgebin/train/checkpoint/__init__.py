"""Checkpoints: a training's state in a file, checked before PyTorch reads it."""

from __future__ import annotations

from edgebin.graph.preprocessing import Preprocessing
from edgebin.train.checkpoint.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from edgebin.train.checkpoint.network import load_network

__all__ = ["Checkpoint", "Preprocessing", "load_checkpoint", "load_network", "save_checkpoint"]
