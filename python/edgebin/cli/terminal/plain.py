"""Text made safe to show: a label, a layer's name or a path may hold escape sequences."""

from __future__ import annotations


def plain(text: str) -> str:
    """Return the text with every character that is not printable written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
