"""Safetensors files, sound and otherwise, without the library."""

from __future__ import annotations

import json
from typing import Any

import torch
from torch import Tensor


def encoded(table: object, contents: bytes = b"", size: int | None = None) -> bytes:
    """A file with this table; `size` is what it says the table's size is."""
    text = table if isinstance(table, bytes) else json.dumps(table).encode()
    return (len(text) if size is None else size).to_bytes(8, "little") + text + contents


def saved(tensors: dict[str, Tensor]) -> bytes:
    """What the library writes for some tensors."""
    names = {torch.float32: "F32", torch.bfloat16: "BF16", torch.int64: "I64", torch.bool: "BOOL"}
    table: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    contents = b""
    for name, tensor in tensors.items():
        raw = bytes(tensor.reshape(-1).view(torch.uint8).numpy()) if tensor.numel() else b""
        offsets = [len(contents), len(contents) + len(raw)]
        kind, shape = names[tensor.dtype], list(tensor.shape)
        table[name] = {"dtype": kind, "shape": shape, "data_offsets": offsets}
        contents += raw
    return encoded(table, contents)
