"""Turns a file of version 2 into what version 1 wrote: the same without the self-test."""

from __future__ import annotations

import struct
import zlib

PREFIX = struct.Struct("<8sIIQII")


def as_version_1(contents: bytes) -> bytes:
    """Return the file without its self-test, which ends the header."""
    magic, version, header_size, _, _, zero = PREFIX.unpack_from(contents)
    assert version == 2
    header = contents[32 : 32 + header_size]
    tensors = contents[-(-(32 + header_size) // 64) * 64 :]
    header = header[: header_size - self_test_size(header)]
    body = header + bytes(-(32 + len(header)) % 64) + tensors
    return PREFIX.pack(magic, 1, len(header), 32 + len(body), zlib.crc32(body), zero) + body


def self_test_size(header: bytes) -> int:
    """Return its bytes, found as a reader finds them: behind all that comes before."""
    at = 0

    def number(layout: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from("<" + layout, header, at)
        at += struct.calcsize(layout)
        return int(value)

    def texts(count: int) -> None:
        nonlocal at
        for _ in range(count):
            size = number("H")
            at += size

    texts(2)
    at += 8
    channels = number("H")
    at += 8 * channels
    texts(number("I"))
    for _ in range(number("I")):
        at += 1
        rank = number("B")
        at += 2 + 4 * rank
    for _ in range(number("I")):
        texts(1)
        at += 12
    for _ in range(number("I")):
        texts(2)
        inputs = number("B")
        at += 4 * inputs
        for _ in range(number("B")):
            texts(1)
            at += 4
        for _ in range(number("B")):
            texts(1)
            at += 4
    for _ in range(number("I")):
        texts(1)
        at += 4
    return len(header) - at
