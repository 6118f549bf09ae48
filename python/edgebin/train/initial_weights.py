"""Start from the weights of another run: two-step training, or the same network on other data.

Weights are taken by name and shape, all of them; which network or options the other run had does
not matter.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from torch import Tensor, nn

from edgebin.errors import CheckpointError
from edgebin.files.safe_open import open_ordinary
from edgebin.train.checkpoint.checkpoint import load_checkpoint
from edgebin.train.checkpoint.prefixes import named_as
from edgebin.train.log import log

_SHA256 = re.compile("[0-9a-f]{64}")


def load_initial_weights(network: nn.Module, path: Path) -> None:
    """Load the weights and buffers of a checkpoint into a network.

    Args:
        network: on any device.
        path: a checkpoint; the weights that its run was scored with are taken.

    Raises:
        CheckpointError: the file is missing or damaged, or a name or a shape does not fit; the
            first of them is named.
    """
    expected = network.state_dict()
    loaded = named_as(load_checkpoint(path).model, expected)
    for name, value in expected.items():
        if name not in loaded:
            raise CheckpointError(
                f"{path}: {name}: expected {_shape(value)}, found no such weights"
            )
        if loaded[name].shape != value.shape:
            raise CheckpointError(
                f"{path}: {name}: expected {_shape(value)}, found {_shape(loaded[name])}"
            )
    for name in loaded:
        if name not in expected:
            raise CheckpointError(
                f"{path}: {name}: expected weights of the network only, found another"
            )
    network.load_state_dict(loaded)


def origin(path: Path) -> dict[str, object]:
    """Return what the log keeps of a checkpoint: its path, and the SHA-256 of the file.

    Raises:
        CheckpointError: it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with open_ordinary(path) as file:
            while part := file.read(1 << 20):
                digest.update(part)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None
    return {"path": str(path), "sha256": digest.hexdigest()}


def check_same_start(path: Path, log_path: Path) -> None:
    """Check that a run began from this checkpoint, by the header of its log.

    Args:
        path: of the checkpoint.
        log_path: of the run's log; nothing is checked if it was lost and has no header.

    Raises:
        CheckpointError: the run began from another or from none, the file cannot be read, or the
            header is damaged.
    """
    found = origin(path)["sha256"]
    try:
        entry = log.header_of(log_path).get("init")
    except CheckpointError:
        return
    expected = entry.get("sha256") if isinstance(entry, dict) else None
    if entry is not None and not (isinstance(expected, str) and _SHA256.fullmatch(expected)):
        raise CheckpointError(f"{log_path}: init: expected a path and a SHA-256, found none")
    if found != expected:
        what = "none" if expected is None else f"the checkpoint with SHA-256 {expected}"
        raise CheckpointError(
            f"{path}: expected {what} as the run's start, for it began so, found {found}; "
            "resuming needs no --init"
        )


def _shape(value: Tensor) -> str:
    return f"shape {tuple(value.shape)}"
