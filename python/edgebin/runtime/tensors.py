"""The inputs and outputs of a model, without the batch dimension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edgebin import _core


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """An input or output of a model, without the leading batch dimension.

    Args:
        name: as in the file.
        shape: (height, width, channels), or (channels,) for an output of one position.
        dtype: "uint8" or "float32".
    """

    name: str
    shape: tuple[int, ...]
    dtype: Literal["uint8", "float32"]


def input_info(value: _core.ValueInfo) -> TensorInfo:
    """Return what an input of the core is."""
    return TensorInfo(value.name, value.shape, "uint8")


def output_info(value: _core.ValueInfo) -> TensorInfo:
    """Return what an output of the core is, with the shape that `run` returns."""
    has_one_position = value.shape[:2] == (1, 1)
    return TensorInfo(value.name, value.shape[2:] if has_one_position else value.shape, "float32")
