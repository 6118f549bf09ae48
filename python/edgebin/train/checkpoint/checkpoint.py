"""Checkpoints: everything that rebuilds the network, and everything that continues the run.

One file, written whole or not at all, of plain data and tensors only: it is read with
`weights_only`, so a hostile file cannot run code, and its checksums are verified first. It refuses
damaged files, other formats and entries of another type or range.
"""

from __future__ import annotations

import dataclasses
import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from edgebin.errors import CheckpointError, OptionError, first_line
from edgebin.files.atomic_write import write_whole
from edgebin.nn.networks import Option, build
from edgebin.train.checkpoint.archive import check_archive
from edgebin.train.checkpoint.entries import checked_entries, shown

FORMAT = "edgebin-checkpoint"
VERSION = 1
FILE_NAME = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How an image becomes the network's input.

    Resize the shorter side to `resize` pixels (bilinear), crop the centre square of `input_size`
    pixels, then (x / 255 - mean) / std for each channel in RGB order.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    input_size: int
    resize: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint file holds.

    Attributes:
        network: a name of `edgebin.nn.networks.NETWORKS`, or "" for a network of the user's own.
        options: all of its options; none where it is the user's own.
        classes: labels in the order of the logits.
        preprocessing: from image to input.
        recipe: plain data, as `edgebin.train.recipe.recipe.recipe_data` gives it.
        epoch: epochs that are done.
        step: optimiser steps that are done.
        model: state dict of the network as it is evaluated and exported, on the CPU.
        optimizer: state dict of the optimiser.
        data_rng: state of the generator of shuffling and augmentation.
        torch_rng: state of torch's own generator on the CPU.
        teacher: SHA-256 of the weights of the teacher, None where there is none.
        raw: state dict of the network as it is trained, where `model` is its moving average.
    """

    network: str
    options: Mapping[str, Option]
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    recipe: Mapping[str, Any]
    epoch: int
    step: int
    model: Mapping[str, Tensor]
    optimizer: Mapping[str, Any]
    data_rng: Tensor
    torch_rng: Tensor
    teacher: str | None = None
    raw: Mapping[str, Tensor] | None = None


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Writes the file whole or not at all.

    Raises:
        CheckpointError: the folder cannot be written.
    """
    fields = {
        field.name: getattr(checkpoint, field.name) for field in dataclasses.fields(checkpoint)
    }
    fields["options"] = dict(checkpoint.options)
    fields["classes"] = list(checkpoint.classes)
    fields["preprocessing"] = dataclasses.asdict(checkpoint.preprocessing)
    given = {name: value for name, value in fields.items() if value is not None}
    data = {"format": FORMAT, "version": VERSION, **given}

    contents = io.BytesIO()  # torch's writer of files says no reason where one cannot be written
    torch.save(data, contents)
    try:
        write_whole(path, lambda file: file.write(contents.getbuffer()))
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot write the checkpoint: {first_line(error)}"
        ) from error


def load_checkpoint(path: str | Path) -> Checkpoint:
    """Reads and verifies a checkpoint; tensors come to the CPU.

    Raises:
        CheckpointError: the file is missing, damaged, no checkpoint or of another version, or an
            entry has another type or range.
    """
    path = Path(path)
    data = _read(path)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise CheckpointError(f"{path}: expected an edgebin checkpoint, found another file")
    version = data.get("version")
    if type(version) is not int or version != VERSION:
        raise CheckpointError(
            f"{path}: expected checkpoint version {VERSION}, found {shown(version)}"
        )
    fields = {}
    for field in dataclasses.fields(Checkpoint):
        if field.name not in data and field.default is dataclasses.MISSING:
            raise CheckpointError(f"{path}: expected an entry {field.name!r}, found none")
        fields[field.name] = data.get(field.name)
    entries = checked_entries(path, fields)
    return Checkpoint(**{**entries, "preprocessing": Preprocessing(**entries["preprocessing"])})


def _read(path: Path) -> object:
    try:
        check_archive(path)
        return _loaded(path)
    except CheckpointError:
        raise
    except Exception as error:  # a damaged archive or pickle raises errors of any type
        raise CheckpointError(f"{path}: damaged: {first_line(error)}") from None


def _loaded(path: Path) -> object:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:  # its words advise to load the file in the unsafe way
        line = f"{path}: damaged: expected tensors and plain values, found something else"
        raise CheckpointError(line) from None


def load_network(
    path: str | Path, *, network: nn.Module | None = None
) -> tuple[nn.Module, Checkpoint]:
    """The trained network in eval mode on the CPU, and the checkpoint it came from.

    Args:
        path: a checkpoint.
        network: takes the weights, and stays on its device; needed where the run trained a network
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
    """Loads the checkpoint's weights into a network.

    Raises:
        CheckpointError: names, shapes or types differ.
    """
    check_fit(network, checkpoint, path)
    network.load_state_dict(checkpoint.model)


def check_fit(network: nn.Module, checkpoint: Checkpoint, path: Path) -> None:
    """Raises CheckpointError where names, shapes or types of its weights are not the network's."""
    ours, theirs = network.state_dict(), checkpoint.model
    what = checkpoint.network or "the network"
    for name in sorted(ours.keys() | theirs.keys()):
        expected, found = (_kind(weights.get(name)) for weights in (ours, theirs))
        if expected != found:
            raise CheckpointError(
                f"{path}: the weights do not fit {what}: {name}: expected {expected}, found {found}"
            )


def _kind(value: Tensor | None) -> str:
    if value is None:
        return "none"
    return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
