"""Writes `.ebn` files field by field, right ones and wrong ones: it checks nothing.

Written from FORMAT.md alone. Whatever is not given says what the rest of the file demands; size and
checksum are right unless they are given.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

MAGIC = b"\x89EBN\r\n\x1a\n"
BIT, S8, I16, I32, F32 = range(5)


@dataclass(frozen=True, slots=True)
class Tensor:
    """An entry of the tensor table, and the bytes that it lays claim to."""

    dtype: int
    dims: tuple[int, ...]
    stored: bytes
    zero: int = 0

    def entry(self) -> bytes:
        rank = len(self.dims)
        return struct.pack(f"<BBH{rank}I", self.dtype, rank, self.zero, *self.dims)


@dataclass(frozen=True, slots=True)
class Step:
    """A node; inputs are numbers of values, constants numbers of tensors."""

    op: str
    name: str
    inputs: tuple[int, ...]
    constants: tuple[tuple[str, int], ...] = ()
    attributes: tuple[tuple[str, int], ...] = ()

    def entry(self) -> bytes:
        parts = [text(self.op), text(self.name), struct.pack("<B", len(self.inputs))]
        parts += [u32(value) for value in self.inputs]
        parts += [struct.pack("<B", len(self.constants))]
        parts += [text(role) + u32(tensor) for role, tensor in self.constants]
        parts += [struct.pack("<B", len(self.attributes))]
        parts += [text(key) + struct.pack("<i", value) for key, value in self.attributes]
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class File:
    """All fields of a file; None is what the others demand."""

    tensors: tuple[Tensor, ...]
    nodes: tuple[Step, ...]
    outputs: tuple[int, ...]
    input_shape: tuple[int, int, int]
    magic: bytes = MAGIC
    version: int = 1
    header_size: int | None = None
    file_size: int | None = None
    checksum: int | None = None
    zero: int = 0
    name: bytes = b"written"
    colour: int = 0
    filter: int = 1
    zero_after_filter: int = 0  # since version 3 fit, and 256 x fill
    resize: int = 0
    mean: tuple[float, ...] | None = None
    scale: tuple[float, ...] | None = None
    labels: tuple[bytes, ...] = ()
    tensor_count: int | None = None
    input_count: int | None = None
    input_type: int = 0  # since version 3: 0 u8, 1 f32, 2 s8
    more_inputs: tuple[tuple[str, int, tuple[int, int, int]], ...] = ()
    node_count: int | None = None
    behind: bytes = field(default=b"")  # the last fields of the header: fingerprints, task
    gap: bytes = b"\0"  # what fills the places between tensors
    end: bytes = field(default=b"")  # behind the last tensor

    def header(self) -> bytes:
        channels = self.input_shape[2]
        mean = (0.0,) * channels if self.mean is None else self.mean
        scale = (1.0,) * len(mean) if self.scale is None else self.scale
        parts = [struct.pack("<H", len(self.name)) + self.name, text("by hand")]
        parts += [
            struct.pack("<BBHI", self.colour, self.filter, self.zero_after_filter, self.resize)
        ]
        parts += [struct.pack(f"<H{2 * len(mean)}f", len(mean), *mean, *scale)]
        parts += [u32(len(self.labels))]
        parts += [struct.pack("<H", len(label)) + label for label in self.labels]
        parts += [counted(self.tensor_count, [tensor.entry() for tensor in self.tensors])]
        parts += [counted(self.input_count, self._inputs())]
        parts += [counted(self.node_count, [node.entry() for node in self.nodes])]
        parts += [u32(len(self.outputs))]
        parts += [text(f"output{number}") + u32(value) for number, value in enumerate(self.outputs)]
        return b"".join(parts) + self.behind

    def _inputs(self) -> list[bytes]:
        inputs = (("picture", self.input_type, self.input_shape), *self.more_inputs)
        return [
            text(name)
            + (struct.pack("<B", dtype) if self.version >= 3 else b"")
            + struct.pack("<3I", *shape)
            for name, dtype, shape in inputs
        ]

    def encoded(self) -> bytes:
        header = self.header()
        body = bytearray(header)
        self._align(body)
        for tensor in self.tensors:
            self._align(body)
            body += tensor.stored
        body += self.end
        fields = struct.pack(
            "<8sIIQ",
            self.magic,
            self.version,
            len(header) if self.header_size is None else self.header_size,
            32 + len(body) if self.file_size is None else self.file_size,
        )
        computed = zlib.crc32(body, zlib.crc32(fields) if self.version >= 3 else 0)
        checksum = computed if self.checksum is None else self.checksum
        return fields + struct.pack("<II", checksum, self.zero) + body

    def _align(self, body: bytearray) -> None:
        body += self.gap * (-(32 + len(body)) % 64)


def text(value: str) -> bytes:
    return struct.pack("<H", len(value.encode())) + value.encode()


def u32(value: int) -> bytes:
    return struct.pack("<I", value)


def counted(count: int | None, entries: list[bytes]) -> bytes:
    return u32(len(entries) if count is None else count) + b"".join(entries)


def reals(*values: float) -> Tensor:
    """An f32 tensor of one dimension."""
    return Tensor(F32, (len(values),), struct.pack(f"<{len(values)}f", *values))


def rows(dtype: int, values: Sequence[Sequence[float]]) -> Tensor:
    """A tensor of two dimensions."""
    layout = {S8: "<i1", I16: "<i2", I32: "<i4", F32: "<f4"}[dtype]
    array = np.array(values).astype(layout)
    return Tensor(dtype, array.shape, array.tobytes())
