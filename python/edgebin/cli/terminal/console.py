"""Printing for the commands: one console, one form of error line, tables and facts that fit it.

A label, a layer's name or a path may hold anything, escape sequences and line breaks included;
`plain` is what stands between them and the terminal.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.text import Text

from edgebin.cli.terminal.old_keys import with_old_keys
from edgebin.cli.terminal.plain import plain as plain
from edgebin.cli.terminal.table import Column, table_lines, wrapped_facts
from edgebin.errors import OptionError
from edgebin.files.atomic_write import write_whole

_UNLIMITED = 1_000_000  # columns of a file or a pipe


def complain(message: str) -> None:
    """Print one line on standard error."""
    one_line = plain(" ".join(message.split()))
    sys.stdout.flush()
    print(f"edgebin: error: {one_line}", file=sys.stderr)


def note(line: str) -> None:
    """Print one line on standard error, where standard output has something else."""
    sys.stdout.flush()
    print(plain(line), file=sys.stderr, flush=True)


def print_json(document: Mapping[str, object]) -> None:
    """Print one JSON document; keys that have been renamed keep their old name beside the new."""
    print(_json(document))


def write_json(document: Mapping[str, object], path: Path, option: str) -> None:
    """Write the document that `print_json` prints to a file, whole or not at all.

    A line on standard error says so where the file replaces another.

    Raises:
        OptionError: the file cannot be written; the line begins with `option`.
    """
    text = f"{_json(document)}\n"
    replaced = path.exists()
    try:
        write_whole(path, lambda file: file.write(text.encode()))
    except OSError as error:
        raise OptionError(f"{option} {path}: {error.strerror}") from error
    if replaced:
        note(f"{option} {path}: replaced the file that was there")


def _json(document: Mapping[str, object]) -> str:
    return json.dumps(with_old_keys(document), indent=2, allow_nan=False)


def console() -> Console:
    """Return a console on standard output that interprets no markup.

    It is as wide as the terminal, or as COLUMNS says; without limit where a file or a pipe is. With
    NO_COLOR, and on a terminal that is called dumb, nothing is bold either.
    """
    limited = sys.stdout.isatty() or "COLUMNS" in os.environ
    width = None if limited else _UNLIMITED
    colors: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(width=width, markup=False, emoji=False, highlight=False, color_system=colors)


def print_line(screen: Console, line: str = "", *, style: str = "") -> None:
    """Print one line, whatever its width."""
    screen.print(Text(line, style=style), soft_wrap=True)


def print_table(
    screen: Console, columns: Sequence[Column], rows: Iterable[Sequence[str]], *, indent: int = 0
) -> None:
    """Print a table, its headings in bold; cells are printable texts."""
    ascii_only = not screen.encoding.startswith("utf")
    lines = table_lines(columns, rows, width=screen.width - indent, ascii_only=ascii_only)
    has_headings = any(column.title for column in columns)
    for number, line in enumerate(lines):
        print_line(
            screen, " " * indent + line, style="bold" if has_headings and number == 0 else ""
        )


def print_facts(screen: Console, facts: Iterable[tuple[str, str]]) -> None:
    """Print labels and texts, each text wrapped between its words."""
    for line in wrapped_facts(facts, width=screen.width):
        print_line(screen, line)


def size(count: int) -> str:
    """Return a number of bytes as a person reads it; 1 kB is 1000 bytes."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1e3:.1f} kB"
    return f"{count / 1e6:.2f} MB" if count < 1_000_000_000 else f"{count / 1e9:.2f} GB"


def rounded(count: int) -> str:
    """Return a count with three digits, as in 640, 18.4 k or 2.36 M."""
    for unit, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= factor:
            value = count / factor
            return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f} {unit}"
    return str(count)


def counted(count: int, noun: str) -> str:
    """Return a count and its noun, in the plural where it is not one."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
