"""Finds the models that ship with the package by name.

A name is the stem of a file in `edgebin/models/`. A shipped name takes precedence over a file of
the same name in the working directory; `./name` is the file. Nothing is ever downloaded.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from edgebin.errors import ModelFileError, suggestion

_FOLDER = Path(__file__).parents[1] / "models"


def shipped() -> dict[str, Path]:
    """Return name -> file of every shipped model, sorted by name."""
    return {path.stem: path for path in sorted(_FOLDER.glob("*.ebn"))}


def resolve(path_or_name: str | os.PathLike[str]) -> Path:
    """Return the file of a shipped model's name, or the path itself.

    Raises:
        ModelFileError: it is neither a shipped name nor a file.
    """
    try:
        wanted = os.fsdecode(path_or_name)
    except TypeError:
        line = f"model: expected a path or a name, found {type(path_or_name).__name__}"
        raise ModelFileError(line, "file.read") from None
    models = shipped()
    if wanted in models:
        return models[wanted]
    try:
        mode = os.stat(wanted).st_mode
    except (FileNotFoundError, NotADirectoryError):
        line = f'model "{wanted}": no such file, nor a shipped model{_hint(wanted, list(models))}'
        raise ModelFileError(line, "file.read") from None
    except OSError as error:
        line = f'model "{wanted}": cannot be read: {error.strerror}'
        raise ModelFileError(line, "file.read") from None
    except ValueError:
        line = f"model {wanted!r}: expected a path, found characters that no file's name has"
        raise ModelFileError(line, "file.read") from None
    if not stat.S_ISREG(mode):
        line = f'model "{wanted}": expected a file, found a directory or device'
        raise ModelFileError(line, "file.read")
    return Path(wanted)


def _hint(wanted: str, models: list[str]) -> str:
    """Return what the error line of an unknown name ends in."""
    return suggestion(wanted, models) or f" (those: {', '.join(models) or 'none'})"
