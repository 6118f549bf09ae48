"""What `-` stands for: an image on standard input, or a list of names, one a line."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from edgebin.errors import InputError, OptionError
from edgebin.files.kinds import PREFIX_BYTES, kind_of
from edgebin.files.names_list import names_in

STANDARD_INPUT = "-"
MOST_IMAGE_BYTES = 1 << 28
"""Bytes of an image on standard input, which is read whole."""

_PPM = re.compile(rb"P[56]\s+[\d#]")


@dataclass(frozen=True, slots=True)
class StandardInput:
    """What was found.

    Attributes:
        image: the bytes of an image file; None where there is a list.
        names: the list, read when it is iterated over.
    """

    image: bytes | None
    names: Iterator[str]


def read_standard_input(stream: BinaryIO | None = None) -> StandardInput:
    """Look at the first bytes of a stream, by default standard input, and return what it holds.

    Raises:
        InputError: nothing is there, or an image of more than `MOST_IMAGE_BYTES`.
        OptionError: it is a terminal.
    """
    file = sys.stdin.buffer if stream is None else stream
    if file.isatty():
        raise OptionError(
            f"{STANDARD_INPUT}: expected an image or a list of names, found a terminal; "
            "what works: find photos | edgebin run MODEL -"
        )
    start = file.read(PREFIX_BYTES)
    if not start:
        raise InputError("standard input: expected an image or a list of names, found nothing")
    if not _is_a_file(start):
        return StandardInput(None, names_in(_Joined(start, file).read))
    contents = start + file.read(MOST_IMAGE_BYTES + 1 - len(start))
    if len(contents) > MOST_IMAGE_BYTES:
        raise InputError(
            f"standard input: expected an image of at most {MOST_IMAGE_BYTES} bytes, found more"
        )
    return StandardInput(contents, iter(()))


def _is_a_file(start: bytes) -> bool:
    """Whether these are the first bytes of a file of some kind; a name may begin like one."""
    if start.startswith(b"BM"):
        return start[6:10] == bytes(4)  # reserved
    if start.startswith((b"P5", b"P6")):
        return _PPM.match(start) is not None
    return kind_of(start) is not None


class _Joined:
    """The bytes that were looked at, and then the rest of a stream as it arrives."""

    def __init__(self, start: bytes, file: BinaryIO) -> None:
        self._start = start
        self._file = file

    def read(self, most: int) -> bytes:
        read_some = getattr(self._file, "read1", self._file.read)
        found = self._start + read_some(most - len(self._start))
        self._start = b""
        return found
