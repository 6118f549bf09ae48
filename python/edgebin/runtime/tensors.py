"""The inputs and outputs of a model, without the batch dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from edgebin import _core

_DTYPES: Mapping[str, Literal["uint8", "int8", "float32"]] = {
    "u8": "uint8",
    "s8": "int8",
    "f32": "float32",
}


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """An input or output of a model, without the leading batch dimension.

    Args:
        name: as in the file.
        shape: (height, width, channels), or (channels,) for an output of one position.
        dtype: "uint8", "int8" or "float32".
    """

    name: str
    shape: tuple[int, ...]
    dtype: Literal["uint8", "int8", "float32"]


def input_info(value: _core.ValueInfo) -> TensorInfo:
    """Return what an input of the core is."""
    return TensorInfo(value.name, value.shape, _DTYPES[value.dtype])


def output_info(value: _core.ValueInfo) -> TensorInfo:
    """Return what an output of the core is, with the shape that `run` returns."""
    has_one_position = value.shape[:2] == (1, 1)
    return TensorInfo(value.name, value.shape[2:] if has_one_position else value.shape, "float32")
