"""Checkpoints: everything that rebuilds the network, and everything that continues the run.

One file, written whole or not at all, of plain data and tensors only: it is read with
`weights_only`, so a hostile file cannot run code, and its checksums are verified first. Damaged
files, other formats and entries of another type or range are errors of one line.
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
from torch import Tensor

from edgebin.errors import CheckpointError, first_line, short
from edgebin.files.atomic_write import write_whole
from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn.networks import Option
from edgebin.train.checkpoint.archive import check_archive
from edgebin.train.checkpoint.entries import checked_entries, shown
from edgebin.train.checkpoint.prefixes import without_prefixes

FORMAT = "edgebin-checkpoint"
VERSION = 1
FILE_NAME = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint file holds.

    Attributes:
        network: a name of `edgebin.nn.networks.NETWORKS`, or "" for a network of the user's own.
        options: all of its options; none where it is the user's own.
        classes: labels in the order of the logits.
        preprocessing: how an image becomes the network's input.
        recipe: plain data, as `edgebin.train.recipe.recipe.recipe_data` gives it.
        epoch: epochs that are done.
        step: optimizer steps that are done.
        model: state dict of the network as it is evaluated and exported, on the CPU.
        optimizer: state dict of the optimizer.
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

    def __repr__(self) -> str:
        """Return what it is of; it holds all weights and the state of the optimiser."""
        network = short(self.network) if self.network else "a network of your own"
        weights = sum(tensor.numel() for tensor in self.model.values())
        return f"<Checkpoint of {network}: {weights} numbers, {self.epoch} epochs>"


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write the file whole or not at all.

    Raises:
        CheckpointError: the folder cannot be written.
    """
    contents = io.BytesIO()  # torch's writer of files says no reason where one cannot be written
    torch.save({"format": FORMAT, "version": VERSION, **_entries(checkpoint)}, contents)
    try:
        write_whole(path, lambda file: file.write(contents.getbuffer()))
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot write the checkpoint: {first_line(error)}"
        ) from error


def load_checkpoint(path: str | Path) -> Checkpoint:
    """Read and verify a checkpoint; tensors come to the CPU.

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
    entries = {}
    for field in dataclasses.fields(Checkpoint):
        if field.name not in data and field.default is dataclasses.MISSING:
            raise CheckpointError(f"{path}: expected an entry {field.name!r}, found none")
        entries[field.name] = data.get(field.name)
    entries = checked_entries(path, entries)
    if entries["network"]:  # no network of edgebin has such names; the user's own may
        for name in ("model", "raw"):
            entries[name] = entries[name] and without_prefixes(entries[name])
    return Checkpoint(**entries)


def _entries(checkpoint: Checkpoint) -> dict[str, Any]:
    """What the file holds: the fields that are there, as plain data and tensors."""
    entries = {
        field.name: getattr(checkpoint, field.name) for field in dataclasses.fields(checkpoint)
    }
    entries["options"] = dict(checkpoint.options)
    entries["classes"] = list(checkpoint.classes)
    rule = checkpoint.preprocessing
    entries["preprocessing"] = {
        "mean": rule.mean,
        "std": rule.scale,  # as 0.1.0 called it
        "input_size": rule.input_size,
        "resize": rule.resize,
    }
    if (rule.filter, rule.colour) != ("bilinear", "rgb"):  # a file of 0.1.0 has neither
        entries["preprocessing"] |= {"filter": rule.filter, "colour": rule.colour}
    return {name: value for name, value in entries.items() if value is not None}


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
