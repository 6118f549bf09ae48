"""Options of 0.1 that have another name: they work through 0.2.x and are not in the help."""

from __future__ import annotations

import warnings
from typing import Any

import typer


def old_option(old: str, new: str) -> Any:
    """Return the declaration of a hidden option that warns where it is used.

    Args:
        old: its name, such as "--pictures".
        new: what replaces it.
    """

    def warn(value: Any) -> Any:
        if value is not None:
            message = f"{old} is deprecated, use {new}"
            warnings.warn(message, DeprecationWarning, stacklevel=1)
        return value

    return typer.Option(old, hidden=True, callback=warn)
