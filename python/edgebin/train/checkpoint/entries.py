"""What the entries of a checkpoint must be, and the one line for each that is not.

A file may come from anywhere, so every entry is checked by type and range before it is used.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard

import torch
from torch import Tensor

from edgebin.errors import CheckpointError, OptionError
from edgebin.graph.preprocessing import Preprocessing

_CHANNELS = 3
_LARGEST = 8192  # pixels, as in recipes
_FLOAT32 = torch.finfo(torch.float32)
_SHA256 = re.compile("[0-9a-f]{64}")
_SHOWN = 60  # characters of a damaged entry


def damaged(path: Path, entry: str, expected: str, found: object) -> CheckpointError:
    """Return the error of an entry of another type or range, in one line."""
    return CheckpointError(
        f"{path}: damaged entry {entry}: expected {expected}, found {shown(found)}"
    )


def is_dense(value: object) -> TypeGuard[Tensor]:
    """Return whether it is a dense tensor, on any device, with memory for each element."""
    return (
        isinstance(value, Tensor)
        and value.layout == torch.strided
        and not value.is_nested
        and value.device.type != "meta"
        and value.numel() * value.element_size() <= value.untyped_storage().nbytes()
    )


def is_tensor(value: object) -> TypeGuard[Tensor]:
    """Return whether it is a dense tensor on the CPU."""
    return is_dense(value) and value.device.type == "cpu"


def is_finite(value: Tensor) -> bool:
    """Return whether its numbers are finite, as far as PyTorch has isfinite for their type."""
    try:
        return bool(value.isfinite().all())
    except RuntimeError:  # types of four bits, or of eight that are no integers
        return False


def checked_entries(path: Path, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries, checked by type and range; tables and lists are copied.

    Raises:
        CheckpointError: an entry has another type or range.
    """
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
    teacher = fields["teacher"]
    if teacher is not None and not (isinstance(teacher, str) and _SHA256.fullmatch(teacher)):
        raise damaged(path, "teacher", "64 hexadecimal digits", teacher)
    if not isinstance(fields["optimizer"], dict):
        raise damaged(path, "optimizer", "a table", fields["optimizer"])
    recipe = _table(path, "recipe", fields["recipe"], "a table", lambda v: isinstance(v, dict))
    plain = "a bool, a number or a string"
    for name, section in recipe.items():
        entry = f"recipe.{name}"
        _table(path, entry, section, f"{plain}, a list of them or a table of strings", _is_entry)
    if network and "network" not in recipe:  # a network of the user's own has no name
        raise CheckpointError(f"{path}: damaged entry recipe: expected a table network, found none")
    checked = {
        "classes": tuple(classes),
        "preprocessing": _preprocessing(path, fields["preprocessing"]),
        "options": _table(path, "options", fields["options"], plain, _is_plain),
        "recipe": recipe,
        "model": _weights(path, "model", fields["model"]),
    }
    if fields["raw"] is not None:
        checked["raw"] = _weights(path, "raw", fields["raw"])
    return {**fields, **checked}


def _weights(path: Path, entry: str, value: object) -> dict[str, Any]:
    weights = _table(path, entry, value, "a tensor", is_tensor)
    for name, tensor in weights.items():
        if not is_finite(tensor):
            raise damaged(path, f"{entry}.{name}", "finite numbers", _not_finite(tensor))
    return weights


def _not_finite(tensor: Tensor) -> object:
    try:
        return tensor[~tensor.isfinite()][0].item()
    except RuntimeError:  # as in is_finite
        return tensor


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
    size: Any = given.get("input_size")
    resize: Any = given.get("resize")
    if not _is_integer(size, least=1, most=_LARGEST):
        expected = f"an integer in 1..{_LARGEST}"
        raise damaged(path, "preprocessing.input_size", expected, size)
    stretches = type(resize) is int and resize == 0
    if not stretches and not _is_integer(resize, least=size, most=_LARGEST):
        expected = f"an integer in {size}..{_LARGEST}"
        raise damaged(path, "preprocessing.resize", expected, resize)
    resampling, colour = given.get("filter", "bilinear"), given.get("colour", "rgb")
    try:
        return Preprocessing(tuple(mean), tuple(std), resize, resampling, colour, size)
    except OptionError as error:
        raise CheckpointError(f"{path}: damaged entry {error}") from None


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


def _is_entry(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(part, str) for pair in value.items() for part in pair)
    return all(map(_is_plain, value)) if isinstance(value, list) else _is_plain(value)


def _are_numbers(value: object) -> TypeGuard[Sequence[float]]:
    return (
        isinstance(value, list | tuple)
        and len(value) == _CHANNELS
        and all(type(part) in (int, float) and abs(part) <= _FLOAT32.max for part in value)
    )


def shown(value: object) -> str:
    """Return an entry as an error line shows it: short, whatever it holds."""
    if isinstance(value, int) and value.bit_length() > 64:
        return f"an integer of {value.bit_length()} bits"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "...")
    return type(value).__name__
