"""Finds the models that ship with the package by name.

A name is the stem of a file in `edgebin/models/`. A shipped name takes precedence over a file of
the same name in the working directory; `./name` is the file. Nothing is ever downloaded.
"""

from __future__ import annotations

import os
from pathlib import Path

from edgebin.errors import ModelFileError, suggestion

_FOLDER = Path(__file__).parents[1] / "models"


def shipped() -> dict[str, Path]:
    """Return name -> file of every shipped model, sorted by name."""
    return {path.stem: path for path in sorted(_FOLDER.glob("*.ebn"))}


def resolve(path_or_name: str | os.PathLike[str]) -> Path:
    """Return the file of a shipped model's name, or the path itself.

    Whether a path is that of a readable model shows when the core opens it.

    Raises:
        ModelFileError: it is neither a path nor a shipped name.
    """
    wanted = os.fsdecode(path_or_name)
    models = shipped()
    if wanted in models:
        return models[wanted]
    is_path = os.sep in wanted or wanted.endswith(".ebn") or os.path.lexists(wanted)
    if not is_path or "\0" in wanted:
        line = f'model "{wanted}": no such file, nor a shipped model{_hint(wanted, list(models))}'
        raise ModelFileError(line, "file.read")
    return Path(wanted)


def _hint(wanted: str, models: list[str]) -> str:
    """Return what the error line of an unknown name ends in."""
    return suggestion(wanted, models) or f" (those: {', '.join(models) or 'none'})"
