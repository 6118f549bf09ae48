"""Integers as callers hold them: Python's, numpy's, and what else counts as an index."""

from __future__ import annotations

import operator


def as_integer(value: object) -> int | None:
    """Return the int that a value is, such as a numpy integer; None for a boolean or any other."""
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):  # numpy's, too
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None
