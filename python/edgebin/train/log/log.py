"""The log of a run: `log.jsonl`, one JSON object a line.

First a header (recipe, seed, versions, device, machine), then one line for each epoch or, of a
refinement, each layer, a line where a run was resumed, and an end line with the accuracy on the
test set. After a crash the log may be ahead of the checkpoint; resuming cuts it back. All numbers
in it are finite.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import os
import platform
import time
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

import torch

from edgebin.errors import CheckpointError
from edgebin.files.atomic_write import write_whole
from edgebin.files.safe_open import read_bounded
from edgebin.machine import look
from edgebin.train.backend.distributed import world
from edgebin.train.log.entries import LARGEST

FILE_NAME = "log.jsonl"
_LAST = ("head", "end")
"""Events that come when all epochs or layers are done, and again where a run is resumed."""


def start_log(path: Path, header: Mapping[str, object]) -> None:
    """Begin a new log, in place of an old one.

    Raises:
        CheckpointError: it cannot be written.
    """
    with _one_line(path):
        _write_lines(path, [_line("header", header).encode()])


def append(path: Path, event: str, entry: Mapping[str, object]) -> None:
    """Append a line.

    Raises:
        CheckpointError: it cannot be written; a part of the line may be in the file.
    """
    with _one_line(path), path.open("a", encoding="utf-8") as file:
        file.write(_line(event, entry))
        file.flush()
        os.fsync(file.fileno())  # it goes before the checkpoint, through a power cut too


def cut_back(path: Path, done: int, unit: str = "epoch") -> None:
    """Drop the end line, lines past so many epochs or layers, and all from a damaged line on.

    Args:
        path: of the log; nothing happens if it is missing.
        done: the number of the last epoch or layer that stays.
        unit: the entry that holds the number.

    Raises:
        CheckpointError: it cannot be read or written.
    """
    with _one_line(path):
        if not path.exists():
            return
        lines = read_bounded(path, LARGEST).splitlines(keepends=True)
        stays = functools.partial(_stays, done=done, unit=unit)
        _write_lines(path, list(itertools.takewhile(stays, lines)))


def header_of(path: Path) -> Mapping[str, object]:
    """Return the first entry.

    Raises:
        CheckpointError: the log cannot be read, or begins with something else.
    """
    with _one_line(path, "read"):
        first, _, _ = read_bounded(path, LARGEST).partition(b"\n")
    try:
        entry = json.loads(first.decode())
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict) or entry.get("event") != "header":
        raise CheckpointError(f"{path}: expected a header in the first line, found none")
    return entry


def surroundings(device: torch.device) -> dict[str, object]:
    """Return versions, device, processes and machine for the header."""
    try:
        version = metadata.version("edgebin")
    except metadata.PackageNotFoundError:
        version = "source tree"
    cpu = look().cpu or platform.machine()
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else cpu
    return {
        "versions": {
            "edgebin": version,
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
        "device": {"type": device.type, "name": name},
        "processes": world().size,
        "machine": {
            "platform": platform.platform(),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
        },
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _stays(line: bytes, *, done: int, unit: str) -> bool:
    try:
        entry = json.loads(line.decode())
    except (ValueError, RecursionError):
        return False
    if not isinstance(entry, dict) or not line.endswith(b"\n"):
        return False
    event, number = entry.get("event"), entry.get(unit, 0)
    if not isinstance(event, str) or event in _LAST:
        return False
    return type(number) is int and 0 <= number <= done


def _line(event: str, entry: Mapping[str, object]) -> str:
    return json.dumps({"event": event, **entry}, allow_nan=False) + "\n"


def _write_lines(path: Path, lines: list[bytes]) -> None:
    contents = b"".join(lines)
    write_whole(path, lambda file: file.write(contents))


@contextlib.contextmanager
def _one_line(path: Path, verb: str = "write") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CheckpointError(f"{path}: cannot {verb} the log: {error}") from None
