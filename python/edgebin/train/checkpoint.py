"""Checkpoints: everything that rebuilds the network, and everything that continues the run.

One file, written whole or not at all, of plain data and tensors only: it is read with
`weights_only`, so a hostile file cannot run code, and its checksums are verified first. It refuses
damaged files, other formats and, on resume, other recipes.
"""

from __future__ import annotations

import dataclasses
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor, nn

from edgebin.errors import CheckpointError, OptionError
from edgebin.nn.networks import Option, build
from edgebin.whole_file import write_whole

FORMAT = "edgebin-checkpoint"
VERSION = 1
FILE_NAME = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a picture becomes the network's input.

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
        network: a name of `edgebin.nn.networks.NETWORKS`.
        options: all of its options.
        classes: labels in the order of the logits.
        preprocessing: from picture to input.
        recipe: plain data, as `edgebin.train.recipe.recipe_data` gives it.
        epoch: epochs that are done.
        step: optimiser steps that are done.
        model: state dict of the network, on the CPU.
        optimizer: state dict of the optimiser.
        data_rng: state of the generator of shuffling and augmentation.
        torch_rng: state of torch's own generator on the CPU.
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
    data = {"format": FORMAT, "version": VERSION, **fields}

    def write(file: IO[bytes]) -> None:
        torch.save(data, file)

    try:
        write_whole(path, write)
    except (OSError, RuntimeError) as error:
        raise CheckpointError(f"{path}: cannot write the checkpoint: {error}") from error


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads and verifies a checkpoint; tensors come to the CPU.

    Raises:
        CheckpointError: the file is missing, damaged, no checkpoint or of another version.
    """
    data = _read(path)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise CheckpointError(f"{path}: expected an edgebin checkpoint, found another file")
    if data.get("version") != VERSION:
        raise CheckpointError(
            f"{path}: expected checkpoint version {VERSION}, found {data.get('version')!r}"
        )
    fields = {}
    for field in dataclasses.fields(Checkpoint):
        if field.name not in data:
            raise CheckpointError(f"{path}: expected an entry {field.name!r}, found none")
        fields[field.name] = data[field.name]
    try:
        given = fields["preprocessing"]
        fields["preprocessing"] = Preprocessing(
            tuple(given["mean"]), tuple(given["std"]), given["input_size"], given["resize"]
        )
        fields["classes"] = tuple(fields["classes"])
        for name in ("options", "recipe", "model", "optimizer"):
            fields[name] = dict(fields[name])
    except (TypeError, KeyError, ValueError) as error:
        raise CheckpointError(f"{path}: damaged entry: {error!r}") from None
    return Checkpoint(**fields)


def _read(path: Path) -> object:
    try:
        with zipfile.ZipFile(path) as archive:
            bad = archive.testzip()
        if bad is not None:
            raise CheckpointError(f"{path}: damaged: the checksum of {bad!r} is wrong")
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"{path}: expected a checkpoint, found no such file") from None
    except (OSError, RuntimeError, ValueError, EOFError, LookupError, TypeError) as error:
        raise CheckpointError(f"{path}: damaged: {_first_line(error)}") from None
    except (zipfile.BadZipFile, pickle.UnpicklingError, NotImplementedError) as error:
        raise CheckpointError(f"{path}: damaged: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def load_network(path: Path) -> tuple[nn.Module, Checkpoint]:
    """The trained network in eval mode on the CPU, and the checkpoint it came from.

    Raises:
        CheckpointError: as `load_checkpoint`, or the weights do not fit the network.
    """
    checkpoint = load_checkpoint(path)
    try:
        network = build(checkpoint.network, **checkpoint.options)
    except (OptionError, TypeError) as error:
        raise CheckpointError(f"{path}: {error}") from None
    restore_model(network, checkpoint, path)
    return network.eval(), checkpoint


def restore_model(network: nn.Module, checkpoint: Checkpoint, path: Path) -> None:
    """Loads the checkpoint's weights into a network.

    Raises:
        CheckpointError: names or shapes differ.
    """
    try:
        network.load_state_dict(checkpoint.model)
    except (RuntimeError, TypeError, AttributeError) as error:
        lines = str(error).splitlines()
        reason = lines[1].strip() if len(lines) > 1 else str(error)
        raise CheckpointError(
            f"{path}: the weights do not fit {checkpoint.network}: {reason}"
        ) from None
