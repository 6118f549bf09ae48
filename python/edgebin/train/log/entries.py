"""The entries of a run's log, one JSON object a line, and the numbers in them. Needs no PyTorch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from edgebin.errors import CheckpointError, short
from edgebin.files.safe_open import read_bounded

LARGEST = 1 << 28  # bytes of a log: a million epochs

Entry = Mapping[str, object]

_LARGEST_NUMBER = 1e30  # sums and percents of such can be drawn
_LARGEST_POSITION = 1 << 53


def read_entries(path: Path) -> list[Entry]:
    """Read all entries of a log; each has an event that is a string.

    A last line that a crash left unfinished is skipped.

    Raises:
        CheckpointError: it cannot be read, or a line is no entry of a log.
    """
    try:
        lines = read_bounded(path, LARGEST).splitlines(keepends=True)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None
    if lines and not lines[-1].endswith(b"\n"):
        lines.pop()
    return [_entry(line, f"{path}: line {number}") for number, line in enumerate(lines, 1)]


def first(entries: Sequence[Entry], event: str) -> Entry:
    """Return the first entry of that event, or an empty one."""
    return next((entry for entry in entries if entry["event"] == event), {})


def position(entry: Entry, key: str, path: Path) -> int:
    """Return the number of an epoch or a layer, 1 to 2^53.

    Raises:
        CheckpointError: it is something else.
    """
    value = entry.get(key)
    if type(value) is not int or not 1 <= value <= _LARGEST_POSITION:
        raise CheckpointError(
            f"{path}: {key}: expected a whole number from 1 to 2^53, found {short(value)}"
        )
    return value


def number(entry: Entry, key: str, where: str) -> float:
    """Return a finite number of at most 1e30.

    Raises:
        CheckpointError: it is something else; the line begins with `where`.
    """
    value = entry.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise CheckpointError(f"{where}: {key}: expected a number, found {short(value)}")
    if not abs(value) <= _LARGEST_NUMBER:  # NaN is not
        raise CheckpointError(f"{where}: {key}: expected at most 1e30, found {short(value)}")
    return float(value)


def optional(entry: Entry, key: str, where: str) -> float | None:
    """Return the same, or None if the entry has no such key."""
    return None if entry.get(key) is None else number(entry, key, where)


def _entry(line: bytes, where: str) -> Entry:
    try:
        entry = json.loads(line.decode())
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict) or not isinstance(entry.get("event"), str):
        beginning = line[:40].decode(errors="replace").strip()
        raise CheckpointError(f"{where}: expected a JSON object with an event, found {beginning!r}")
    return entry
