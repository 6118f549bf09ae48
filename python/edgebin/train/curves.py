"""What a run's log says of its course, epoch by epoch. Reads logs alone and needs no PyTorch."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edgebin.bounded_file import read_bounded
from edgebin.errors import CheckpointError

LARGEST = 1 << 28  # bytes of a log: a million epochs


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch of a run.

    loss and accuracy are of the augmented training pictures, the held-out ones of the pictures
    kept out of training, None where there are none; seconds have passed in this epoch and before.
    """

    epoch: int
    lr: float
    loss: float
    accuracy: float
    holdout_loss: float | None
    holdout_accuracy: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Curves:
    """The course of a run: its epochs, ascending, and its accuracy on the test set if it ended."""

    name: str
    epochs: tuple[Epoch, ...]
    test_accuracy: float | None


def read_curves(path: Path) -> Curves:
    """Read a log that `edgebin train` wrote.

    A last line that a crash left unfinished is passed over. Epochs that were trained again after a
    crash count once.

    Raises:
        CheckpointError: it cannot be read, a line is none of a log, or no epoch has ended.
    """
    try:
        lines = read_bounded(path, LARGEST).splitlines(keepends=True)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None
    if lines and not lines[-1].endswith(b"\n"):
        lines.pop()
    entries = [_entry(line, f"{path}: line {number}") for number, line in enumerate(lines, 1)]
    header = next((entry for entry in entries if entry["event"] == "header"), {})
    end = next((entry for entry in entries if entry["event"] == "end"), {})
    epochs = _epochs(entries, path)
    if not epochs:
        raise CheckpointError(f"{path}: expected the log of a run, found no epoch that has ended")
    return Curves(
        name=_name(header, path),
        epochs=epochs,
        test_accuracy=_optional(end, "test_accuracy", f"{path}: end"),
    )


def _entry(line: bytes, where: str) -> Mapping[str, object]:
    try:
        entry = json.loads(line.decode())
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict) or not isinstance(entry.get("event"), str):
        shown = line[:40].decode(errors="replace").strip()
        raise CheckpointError(f"{where}: expected a JSON object with an event, found {shown!r}")
    return entry


def _epochs(entries: list[Mapping[str, object]], path: Path) -> tuple[Epoch, ...]:
    epochs: dict[int, Epoch] = {}
    passed = 0.0
    for entry in entries:
        if entry["event"] != "epoch":
            continue
        number = entry.get("epoch")
        where = f"{path}: epoch {number}"
        if type(number) is not int or number < 1:
            raise CheckpointError(f"{path}: epoch: expected 1 or more, found {number!r}")
        passed += _number(entry, "seconds", where)
        epochs[number] = Epoch(
            epoch=number,
            lr=_number(entry, "lr", where),
            loss=_number(entry, "loss", where),
            accuracy=_number(entry, "accuracy", where),
            holdout_loss=_optional(entry, "holdout_loss", where),
            holdout_accuracy=_optional(entry, "holdout_accuracy", where),
            seconds=passed,
        )
    return tuple(epochs[number] for number in sorted(epochs))


def _name(header: Mapping[str, object], path: Path) -> str:
    """Of the recipe, the seed and the folder: enough to tell runs apart in one picture."""
    source, seed = header.get("recipe_source"), header.get("seed")
    return f"{source}, seed {seed} ({path.parent.name or '.'})" if source else str(path)


def _number(entry: Mapping[str, object], key: str, where: str) -> float:
    value = entry.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise CheckpointError(f"{where}: {key}: expected a number, found {value!r}")
    return float(value)


def _optional(entry: Mapping[str, object], key: str, where: str) -> float | None:
    return None if entry.get(key) is None else _number(entry, key, where)
