"""Tables and lists of facts as lines of text.

No line ends in blanks and no word is broken, so that output reads the same in a narrow terminal, in
a file and in a pipe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

_GAP = 2
_LEAST = 8  # columns that a shortened value keeps
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: its heading.
        right: aligned at the right, for numbers.
        optional: left out in a terminal that is too narrow for all columns.
        shrinks: where it is still too narrow, the longest values lose their middle.
    """

    title: str = ""
    right: bool = False
    optional: bool = False
    shrinks: bool = False


def table_lines(
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    *,
    width: int,
    ascii_only: bool = False,
) -> list[str]:
    """Return the lines of a table; the first holds the headings, if any column has one.

    Args:
        columns: one for each cell of a row.
        rows: printable texts; none contains a line break.
        width: columns that the lines may take.
        ascii_only: shorten with three dots instead of an ellipsis.
    """
    titles = [column.title for column in columns]
    cells = [*([titles] if any(titles) else []), *(list(row) for row in rows)]
    widths = [max(map(cell_len, texts), default=0) for texts in zip(*cells, strict=True)]
    kept = _kept(columns, widths, width)
    columns, widths = [columns[i] for i in kept], [widths[i] for i in kept]
    _shrink(widths, columns, width)
    dots = "..." if ascii_only else _ELLIPSIS
    return [_line([row[i] for i in kept], widths, columns, dots) for row in cells]


def wrapped_facts(facts: Iterable[tuple[str, str]], *, width: int) -> list[str]:
    """Return lines of labels and texts; a text wraps between words, indented below itself.

    Args:
        facts: label and text of each; one without label continues the fact above.
        width: columns that the lines may take.
    """
    rows = list(facts)
    indent = max(len(label) for label, _ in rows) + _GAP
    lines = []
    for label, text in rows:
        for number, part in enumerate(_wrapped(text, width - indent)):
            lines.append(f"{'' if number else label:<{indent}}{part}".rstrip())
    return lines


def shortened(text: str, size: int, dots: str = _ELLIPSIS) -> str:
    """Return a text of at most `size` columns, without its middle where it is longer."""
    if cell_len(text) <= size:
        return text
    kept = size - len(dots)
    tail = text[-(kept // 2) :]
    while cell_len(tail) > kept // 2:
        tail = tail[1:]
    return set_cell_size(text, kept - cell_len(tail)) + dots + tail


def _kept(columns: Sequence[Column], widths: Sequence[int], width: int) -> list[int]:
    """Return the numbers of the columns that are shown."""
    everything = list(range(len(columns)))
    if _total(widths) <= width:
        return everything
    return [i for i in everything if not columns[i].optional]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _shrink(widths: list[int], columns: Sequence[Column], width: int) -> None:
    excess = _total(widths) - width
    for index in sorted(range(len(widths)), key=lambda i: -widths[i]):
        if excess > 0 and columns[index].shrinks:
            taken = max(0, min(excess, widths[index] - _LEAST))
            widths[index] -= taken
            excess -= taken


def _line(cells: Sequence[str], widths: Sequence[int], columns: Sequence[Column], dots: str) -> str:
    parts = []
    for text, size, column in zip(cells, widths, columns, strict=True):
        fitted = shortened(text, size, dots)
        blanks = " " * (size - cell_len(fitted))
        parts.append(blanks + fitted if column.right else fitted + blanks)
    return (" " * _GAP).join(parts).rstrip()


def _wrapped(text: str, width: int) -> list[str]:
    """Break a text between words; a word that is wider than a line has a line of its own."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
