"""Start from the weights of another run: two-step training, or the same network on other data.

Weights are taken by name and shape; which network or options the other run had does not matter. It
refuses to take a part of them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from torch import Tensor, nn

from edgebin.errors import CheckpointError
from edgebin.train.checkpoint import load_checkpoint


def start_from(network: nn.Module, path: Path) -> None:
    """Puts the weights and buffers of a checkpoint into a network.

    Args:
        network: on any device.
        path: a checkpoint; what its run was evaluated with is taken.

    Raises:
        CheckpointError: the file is missing or damaged, or a name or a shape does not fit; the
            first of them is named.
    """
    theirs = load_checkpoint(path).model
    ours = network.state_dict()
    for name, value in ours.items():
        if name not in theirs:
            raise CheckpointError(
                f"{path}: {name}: expected {_shape(value)}, found no such weights"
            )
        if theirs[name].shape != value.shape:
            raise CheckpointError(
                f"{path}: {name}: expected {_shape(value)}, found {_shape(theirs[name])}"
            )
    for name in theirs:
        if name not in ours:
            raise CheckpointError(
                f"{path}: {name}: expected weights of the network only, found another"
            )
    network.load_state_dict(dict(theirs))


def origin(path: Path) -> dict[str, object]:
    """What the log says of a checkpoint: its path, and the SHA-256 of the file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return {"path": str(path), "sha256": digest.hexdigest()}


def _shape(value: Tensor) -> str:
    return f"shape {tuple(value.shape)}"
