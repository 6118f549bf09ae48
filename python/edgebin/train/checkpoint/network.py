"""The network of a checkpoint: rebuilt from plain data, or the user's own with its weights."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch
from torch import Tensor, nn

from edgebin.errors import CheckpointError, OptionError, first_line
from edgebin.nn.networks import build
from edgebin.train.checkpoint.checkpoint import Checkpoint, load_checkpoint
from edgebin.train.checkpoint.prefixes import named_as


def load_network(
    path: str | Path, *, network: nn.Module | None = None
) -> tuple[nn.Module, Checkpoint]:
    """Load the trained network, in eval mode on the CPU, and the checkpoint it came from.

    Args:
        path: a checkpoint.
        network: gets the weights, and stays on its device; needed where the run trained a network
            of the user's own, which the file cannot rebuild.

    Raises:
        CheckpointError: as `load_checkpoint`, no network where one is needed, or options or weights
            do not fit the network.
    """
    path = Path(path)
    checkpoint = load_checkpoint(path)
    if network is None:
        network = _rebuilt(checkpoint, path)
    restore_model(network, checkpoint, path)
    return network.eval(), checkpoint


def _rebuilt(checkpoint: Checkpoint, path: Path) -> nn.Module:
    if not checkpoint.network:
        raise CheckpointError(
            f"{path}: expected a network of edgebin, found the weights of another; from Python, "
            "load_network(path, network=...) loads them and edgebin.export exports the network"
        )
    try:
        # First without memory: options may ask for far more weights than the file holds.
        with torch.device("meta"):
            check_fit(build(checkpoint.network, **checkpoint.options), checkpoint, path)
        return build(checkpoint.network, **checkpoint.options)
    except (OptionError, TypeError) as error:
        raise CheckpointError(f"{path}: {error}") from None
    except (ArithmeticError, MemoryError, RuntimeError, ValueError) as error:  # impossible sizes
        reason = first_line(error)
        raise CheckpointError(f"{path}: cannot build {checkpoint.network}: {reason}") from None


def restore_model(network: nn.Module, checkpoint: Checkpoint, path: Path) -> None:
    """Load the checkpoint's weights into a network, whichever of the two is of a wrapper.

    Raises:
        CheckpointError: names, shapes or types differ.
    """
    named = dataclasses.replace(checkpoint, model=named_as(checkpoint.model, network.state_dict()))
    check_fit(network, named, path)
    network.load_state_dict(named.model)


def check_fit(network: nn.Module, checkpoint: Checkpoint, path: Path) -> None:
    """Raise CheckpointError if names, shapes or types of its weights are not the network's."""
    weights, loaded = network.state_dict(), checkpoint.model
    label = checkpoint.network or "the network"
    for name in sorted(weights.keys() | loaded.keys()):
        expected, found = _kind(weights.get(name)), _kind(loaded.get(name))
        if expected != found:
            raise CheckpointError(
                f"{path}: the weights do not fit {label}: {name}: expected {expected}, "
                f"found {found}"
            )


def _kind(value: Tensor | None) -> str:
    if value is None:
        return "none"
    return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
