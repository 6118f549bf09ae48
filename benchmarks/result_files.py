"""Result files: where and when something was measured, and how it is written."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

import edgebin
from edgebin.files.atomic_write import write_whole
from edgebin.machine import look

_ROOT = Path(__file__).resolve().parent.parent


def about() -> dict[str, object]:
    """Return command, machine, versions and date for JSON.

    Of a path outside the repository only the last name is kept, as the rest may be private.
    """
    return {
        "command": " ".join(["python", *map(_public, sys.argv)]),
        "machine": {**asdict(look()), "system": platform.platform()},
        "versions": {"edgebin": edgebin.__version__, "python": platform.python_version()},
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
    }


def _public(word: str) -> str:
    option, equals, value = word.rpartition("=")
    path = Path(value)
    if not path.is_absolute():
        return word
    inside = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(path.name)
    return f"{option}{equals}{inside}"


def write_result(result: Mapping[str, object], path: Path) -> None:
    """Write the result as JSON, atomically; missing folders are made.

    Raises:
        EdgebinError: the file cannot be written.
    """
    write_contents((json.dumps(result, indent=2, allow_nan=False) + "\n").encode(), path)


def write_contents(contents: bytes, path: Path) -> None:
    """Write a file atomically; missing folders are made.

    Raises:
        EdgebinError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda file: file.write(contents))
    except OSError as error:
        raise edgebin.EdgebinError(f"{path}: cannot be written: {error.strerror}") from error
