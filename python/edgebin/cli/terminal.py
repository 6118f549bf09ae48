"""What the commands print with: one console, one form of error line, text made safe to show.

A label, a layer's name or a path may hold anything, escape sequences and line breaks included;
`plain` is what stands between them and the terminal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from edgebin.cli.plain import plain as plain

_WIDTH_OF_A_FILE = 160


def complain(message: str) -> None:
    """Print one line on standard error."""
    one_line = plain(" ".join(message.split()))
    sys.stdout.flush()
    print(f"edgebin: error: {one_line}", file=sys.stderr)


def print_json(document: Mapping[str, object]) -> None:
    """Print one JSON document."""
    print(json.dumps(document, indent=2, allow_nan=False))


def console() -> Console:
    """Return a console on standard output that interprets no markup; wide where it is a file."""
    width = None if sys.stdout.isatty() else _WIDTH_OF_A_FILE
    return Console(width=width, markup=False, emoji=False, highlight=False)


def table(*columns: str, right: frozenset[str] = frozenset()) -> Table:
    """Return an empty table without rules; `right` names the columns of numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        number = column in right
        made.add_column(
            column,
            justify="right" if number else "left",
            no_wrap=number,
            overflow="ignore" if number else "fold",
        )
    return made


def size(count: int) -> str:
    """Return a number of bytes as a person reads it; 1 kB is 1000 bytes."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1e3:.1f} kB"
    return f"{count / 1e6:.2f} MB" if count < 1_000_000_000 else f"{count / 1e9:.2f} GB"
