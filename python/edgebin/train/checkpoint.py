"""Checkpoints: everything that rebuilds the network, and everything that continues the run.

One file, written whole or not at all, of plain data and tensors only: it is read with
`weights_only`, so a hostile file cannot run code, and its checksums are verified first. It refuses
damaged files, other formats and entries of another type or range.
"""

from __future__ import annotations

import dataclasses
import math
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeGuard

import torch
from torch import Tensor, nn

from edgebin.errors import CheckpointError, OptionError
from edgebin.nn.networks import Option, build
from edgebin.whole_file import write_whole

FORMAT = "edgebin-checkpoint"
VERSION = 1
FILE_NAME = "checkpoint.pt"

_CHANNELS = 3
_LARGEST = 8192  # pixels, as in recipes
_FLOAT32 = torch.finfo(torch.float32)
_SHOWN = 60  # characters of a damaged entry


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
        raise CheckpointError(
            f"{path}: cannot write the checkpoint: {_first_line(error)}"
        ) from error


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads and verifies a checkpoint; tensors come to the CPU.

    Raises:
        CheckpointError: the file is missing, damaged, no checkpoint or of another version, or an
            entry has another type or range.
    """
    data = _read(path)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise CheckpointError(f"{path}: expected an edgebin checkpoint, found another file")
    version = data.get("version")
    if type(version) is not int or version != VERSION:
        raise CheckpointError(
            f"{path}: expected checkpoint version {VERSION}, found {_shown(version)}"
        )
    fields = {}
    for field in dataclasses.fields(Checkpoint):
        if field.name not in data:
            raise CheckpointError(f"{path}: expected an entry {field.name!r}, found none")
        fields[field.name] = data[field.name]
    return _checked(path, fields)


def damaged(path: Path, entry: str, expected: str, found: object) -> CheckpointError:
    """The error of an entry of another type or range, in one line."""
    return CheckpointError(
        f"{path}: damaged entry {entry}: expected {expected}, found {_shown(found)}"
    )


def is_tensor(value: object) -> bool:
    """Whether it is a dense tensor on the CPU."""
    return (
        isinstance(value, Tensor) and value.layout == torch.strided and value.device.type == "cpu"
    )


def _read(path: Path) -> object:
    try:
        with zipfile.ZipFile(path) as archive:
            bad = archive.testzip()
        content = torch.load(path, map_location="cpu", weights_only=True) if bad is None else None
    except FileNotFoundError:
        raise CheckpointError(f"{path}: expected a checkpoint, found no such file") from None
    except Exception as error:  # a damaged archive or pickle raises errors of any type
        raise CheckpointError(f"{path}: damaged: {_first_line(error)}") from None
    if bad is not None:
        raise CheckpointError(f"{path}: damaged: the checksum of {bad!r} is wrong")
    return content


def _checked(path: Path, fields: Mapping[str, Any]) -> Checkpoint:
    network, classes = fields["network"], fields["classes"]
    if not isinstance(network, str):
        raise damaged(path, "network", "a string", network)
    if not isinstance(classes, list | tuple) or not all(isinstance(name, str) for name in classes):
        raise damaged(path, "classes", "a list of strings", classes)
    for name in ("epoch", "step"):
        if not _is_integer(fields[name], least=0):
            raise damaged(path, name, "an integer of at least 0", fields[name])
    for name in ("data_rng", "torch_rng"):
        vector = fields[name]
        if not (is_tensor(vector) and vector.dtype == torch.uint8 and vector.dim() == 1):
            raise damaged(path, name, "a vector of bytes", vector)
    if not isinstance(fields["optimizer"], dict):
        raise damaged(path, "optimizer", "a table", fields["optimizer"])
    recipe = _table(path, "recipe", fields["recipe"], "a table", lambda v: isinstance(v, dict))
    plain = "a bool, a number or a string"
    for name, section in recipe.items():
        _table(path, f"recipe.{name}", section, f"{plain}, or a list of them", _is_plain_or_list)
    checked = {
        "classes": tuple(classes),
        "preprocessing": _preprocessing(path, fields["preprocessing"]),
        "options": _table(path, "options", fields["options"], plain, _is_plain),
        "recipe": recipe,
        "model": _table(path, "model", fields["model"], "a tensor", is_tensor),
    }
    return Checkpoint(**{**fields, **checked})


def _preprocessing(path: Path, given: object) -> Preprocessing:
    if not isinstance(given, dict):
        raise damaged(path, "preprocessing", "a table", given)
    mean, std = given.get("mean"), given.get("std")
    expected = f"{_CHANNELS} finite numbers"
    if not _are_numbers(mean):
        raise damaged(path, "preprocessing.mean", expected, mean)
    # Below the smallest normal float32 the exporter could not divide by it.
    if not _are_numbers(std) or min(std) < _FLOAT32.tiny:
        raise damaged(path, "preprocessing.std", f"{expected} above 0", std)
    least = 1
    for name in ("input_size", "resize"):
        pixels = given.get(name)
        if not _is_integer(pixels, least=least, most=_LARGEST):
            expected = f"an integer in {least}..{_LARGEST}"
            raise damaged(path, f"preprocessing.{name}", expected, pixels)
        least = pixels
    return Preprocessing(tuple(mean), tuple(std), given["input_size"], given["resize"])


def _table(
    path: Path, entry: str, value: object, expected: str, fits: Callable[[object], bool]
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise damaged(path, entry, "a table", value)
    for name, part in value.items():
        if not isinstance(name, str) or not name.isprintable():
            raise damaged(path, entry, "printable names", name)
        if not fits(part):
            raise damaged(path, f"{entry}.{name}", expected, part)
    return dict(value)


def _is_integer(value: object, *, least: int, most: int = 2**63 - 1) -> TypeGuard[int]:
    return type(value) is int and least <= value <= most


def _is_plain(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, bool | str) or _is_integer(value, least=-(2**63))


def _is_plain_or_list(value: object) -> bool:
    return all(map(_is_plain, value)) if isinstance(value, list) else _is_plain(value)


def _are_numbers(value: object) -> TypeGuard[Sequence[float]]:
    return (
        isinstance(value, list | tuple)
        and len(value) == _CHANNELS
        and all(type(part) in (int, float) and abs(part) <= _FLOAT32.max for part in value)
    )


def _shown(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 64:
        return f"an integer of {value.bit_length()} bits"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "...")
    return type(value).__name__


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def load_network(path: Path) -> tuple[nn.Module, Checkpoint]:
    """The trained network in eval mode on the CPU, and the checkpoint it came from.

    Raises:
        CheckpointError: as `load_checkpoint`, or options or weights do not fit the network.
    """
    checkpoint = load_checkpoint(path)
    try:
        network = build(checkpoint.network, **checkpoint.options)
    except (OptionError, TypeError) as error:
        raise CheckpointError(f"{path}: {error}") from None
    except (ArithmeticError, MemoryError, RuntimeError, ValueError) as error:  # impossible sizes
        reason = _first_line(error)
        raise CheckpointError(f"{path}: cannot build {checkpoint.network}: {reason}") from None
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
