"""Reads weights from a safetensors file: plain numbers behind a table in JSON.

Layout: u64 size of the table, the table, the tensors. The table gives each tensor's type, shape and
place, and the tensors fill the rest of the file without gaps. A file that says anything else is
rejected; nothing is allocated that the file does not hold.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from edgebin.errors import CheckpointError, cut, first_line
from edgebin.files.safe_open import open_ordinary

_LARGEST_TABLE = 1 << 24
"""Bytes; ResNet-152 takes 100,000."""
_MOST_DIMENSIONS = 16
_TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


def looks_like_safetensors(start: bytes) -> bool:
    """Return whether the first bytes of a file are those of a safetensors file."""
    return len(start) >= 10 and start[8:9] == b"{" and 2 <= _size(start) <= _LARGEST_TABLE


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file by name, on the CPU.

    Raises:
        CheckpointError: the file is damaged, or holds a type that PyTorch has no tensors of.
        OSError: it cannot be read.
    """
    try:
        with open_ordinary(path) as file:
            return _read(file)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise CheckpointError(f"{path}: damaged safetensors file: {first_line(error)}") from None


def _read(file: BinaryIO) -> dict[str, Tensor]:
    whole = file.seek(0, 2)
    file.seek(0)
    start = file.read(8)
    size = _size(start)
    if len(start) < 8 or not 2 <= size <= min(_LARGEST_TABLE, whole - 8):
        raise ValueError(f"expected a table of at most {_LARGEST_TABLE} bytes within the file")
    table = json.loads(file.read(size), object_pairs_hook=_unique)
    if not isinstance(table, dict):
        raise ValueError("expected a table of tensors")
    table.pop("__metadata__", None)
    rows = sorted(((name, *_row(name, row)) for name, row in table.items()), key=lambda r: r[3])
    tensors, at = {}, 0
    for name, kind, shape, begin, end in rows:
        if begin != at or end > whole - 8 - size:
            raise ValueError(f"tensor {cut(name, 60)!r}: expected no gap, within the file")
        contents, at = file.read(end - begin), end
        if len(contents) != end - begin:
            raise ValueError(f"tensor {cut(name, 60)!r}: expected {end - begin} bytes, found fewer")
        tensors[name] = _tensor(contents, kind, shape)
    if at != whole - 8 - size:
        raise ValueError("expected nothing behind the last tensor")
    return {name: tensors[name] for name in table}


def _size(start: bytes) -> int:
    return int.from_bytes(start[:8], "little")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("expected each name once")
    return table


def _row(name: str, row: Any) -> tuple[torch.dtype, list[int], int, int]:
    """Return type, shape, begin and end of a tensor, which fit each other."""
    label = f"tensor {cut(name, 60)!r}"
    if not isinstance(row, dict) or row.keys() != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"{label}: expected dtype, shape and data_offsets")
    kind = row["dtype"]
    if not isinstance(kind, str) or kind not in _TYPES:
        raise ValueError(
            f"{label}: expected one of {', '.join(_TYPES)}, found {cut(repr(kind), 20)}"
        )
    shape, offsets = row["shape"], row["data_offsets"]
    if not _are_sizes(shape) or len(shape) > _MOST_DIMENSIONS:
        raise ValueError(f"{label}: expected a shape")
    if not _are_sizes(offsets) or len(offsets) != 2:
        raise ValueError(f"{label}: expected where it begins and ends")
    held, wanted = offsets[1] - offsets[0], math.prod(shape) * _TYPES[kind].itemsize
    if held != wanted:
        raise ValueError(f"{label}: expected {wanted} bytes, as its shape has, found {held}")
    return _TYPES[kind], shape, offsets[0], offsets[1]


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list) and all(type(x) is int and 0 <= x < 2**48 for x in value)


def _tensor(contents: bytes, kind: torch.dtype, shape: list[int]) -> Tensor:
    if not contents:
        return torch.empty(shape, dtype=kind)
    return torch.frombuffer(bytearray(contents), dtype=kind).reshape(shape)
