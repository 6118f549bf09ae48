"""Start from the weights of another run: two-step training, or the same network on other data.

Weights are taken by name and shape; which network or options the other run had does not matter.
All of them have to fit, but for those of the last layer: where it is of other classes, or reads
another number of features, it keeps its own fresh weights (transfer learning).
"""

from __future__ import annotations

import hashlib
import re
import warnings
from pathlib import Path

from torch import Tensor, nn

from edgebin.errors import CheckpointError, EdgebinWarning
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

    Warns:
        EdgebinWarning: the last layer has another shape and starts with fresh weights.
    """
    expected = network.state_dict()
    loaded = named_as(load_checkpoint(path).model, expected)
    weight = _weight_of_last_layer(network)
    if weight is not None and weight in loaded and loaded[weight].shape != expected[weight].shape:
        layer = weight.removesuffix(".weight")
        warnings.warn(
            f"{path}: {weight}: expected {_shape(expected[weight])}, found "
            f"{_shape(loaded[weight])}; {layer} starts with fresh weights",
            EdgebinWarning,
            stacklevel=2,
        )
        fresh = {name for name in expected if name.startswith(f"{layer}.")}
        loaded |= {name: expected[name] for name in fresh & loaded.keys()}
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


def _weight_of_last_layer(network: nn.Module) -> str | None:
    """Return the name of the weight of the last layer, if that is a linear layer or convolution."""
    names = [name for name, _ in network.named_parameters()]
    last = names[-1].rpartition(".")[0] if names else ""
    weight = f"{last}.weight"
    is_layer = weight in names and network.get_parameter(weight).ndim in (2, 4)
    return weight if is_layer else None


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
