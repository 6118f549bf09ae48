"""A list of file names in a stream of bytes, one name at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

MOST_NAME_BYTES = 4096
"""Bytes of a name, as Linux has it; a longer one stands for no file."""

_CHUNK = 65_536


def names_in(read: Callable[[int], bytes]) -> Iterator[str]:
    r"""Yield the names of a list that are not empty.

    Names end in a line break, or in a NUL byte where one is in the first part of the list that
    arrives (as `find -print0` writes them). A longer name than `MOST_NAME_BYTES` is cut there, with
    "..." behind it.

    Args:
        read: returns up to so many bytes, b"" at the end.
    """
    chunk = read(_CHUNK)
    separator = b"\0" if b"\0" in chunk else b"\n"
    rest, dropping = b"", False
    while chunk:
        *whole, rest = (rest + chunk).split(separator)
        for number, name in enumerate(whole):
            if dropping and number == 0:
                dropping = False
            else:
                yield from _name(name, separator)
        if dropping:
            rest = b""
        elif len(rest) > MOST_NAME_BYTES:
            yield from _name(rest, separator)
            rest, dropping = b"", True
        chunk = read(_CHUNK)
    yield from _name(rest, separator)


def _name(name: bytes, separator: bytes) -> Iterator[str]:
    if separator == b"\n":
        name = name.removesuffix(b"\r")
    if len(name) > MOST_NAME_BYTES:
        name = name[:MOST_NAME_BYTES] + b"..."
    if name:
        yield os.fsdecode(name)
