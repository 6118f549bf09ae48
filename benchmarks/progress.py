"""How far a benchmark has come: a bar in a terminal, elsewhere a line before each item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


def each(items: Sequence[T], what: str, notes: Console) -> Iterator[T]:
    """Yield the items, and show which one is at hand.

    Args:
        items: what is worked on, one after the other.
        what: they are, in the plural.
        notes: where progress is shown.
    """
    if notes.is_terminal:
        yield from track(items, what, console=notes)
        return
    for number, item in enumerate(items, 1):
        notes.print(f"{what}: {number} of {len(items)}, {item}", markup=False, soft_wrap=True)
        yield item
