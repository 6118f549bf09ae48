"""Reads the small text files of /proc and /sys; nothing else in the package opens them.

Callers name a path below their root. Nothing here fails: a file that is missing, unreadable, a
folder or full of garbage gives None or an empty result.
"""

from __future__ import annotations

import re
from pathlib import Path

_LIMIT = 1 << 23  # bytes of a file that are read; /proc/cpuinfo has about 2 kB a core
_PIECE = 1 << 16  # bytes of one read; files under /proc/sys refuse one of megabytes
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_MOST_CORES = 1 << 16


def text(path: Path) -> str | None:
    """Return what a file holds; bytes that are no text are replaced."""
    content = bytearray()
    try:
        with path.open("rb", buffering=0) as file:
            while len(content) < _LIMIT and (piece := file.read(_PIECE)):
                content += piece
    except OSError:
        return None
    return content.decode(errors="replace")


def lines(path: Path) -> list[str]:
    """Return the lines of a file."""
    return (text(path) or "").splitlines()


def line(path: Path) -> str | None:
    """Return the first line without white space and NUL at its ends; None if that is empty."""
    content = lines(path)
    return (content[0].strip("\0 \t") or None) if content else None


def strings(path: Path) -> tuple[str, ...]:
    """Return the NUL-terminated strings of a device tree's property."""
    return tuple(part for part in (text(path) or "").split("\0") if part.strip())


def entries(path: Path) -> list[tuple[str, str]]:
    """Return the lines of the form "key : value" of a file, in order."""
    pairs = (entry.partition(":") for entry in lines(path))
    return [(key.strip(), value.strip()) for key, colon, value in pairs if colon]


def whole(digits: str | None) -> int | None:
    """Return the whole number that a text is; None if it is none."""
    return int(digits) if digits is not None and _WHOLE.fullmatch(digits) else None


def number(path: Path) -> int | None:
    """Return the whole number in the first line of a file."""
    return whole(line(path))


def scaled(path: Path, factor: float) -> float | None:
    """Return that number times a factor."""
    value = number(path)
    return None if value is None else value * factor


def numbered(folder: Path, prefix: str) -> list[tuple[int, Path]]:
    """Return what lies in a folder under names such as "cpu0", by number."""
    name = re.compile(re.escape(prefix) + "([0-9]{1,9})")
    try:
        matches = [(name.fullmatch(path.name), path) for path in folder.iterdir()]
    except OSError:
        return []
    return sorted((int(match[1]), path) for match, path in matches if match)


def core_list(ranges: str | None) -> tuple[int, ...]:
    """Return the cores that a list such as "0-3,5" or "0 1 2 3" names, in rising order."""
    cores: set[int] = set()
    for part in (ranges or "").replace(",", " ").split():
        first, _, last = part.partition("-")
        low, high = whole(first), whole(last or first)
        if low is None or high is None or not 0 <= low <= high < _MOST_CORES:
            return ()
        cores.update(range(low, high + 1))
    return tuple(sorted(cores))
