"""The inputs that a network is traced on: one image, or several tensors of given types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from edgebin.errors import ExportError, short
from edgebin.graph.ir import Array, GraphInput, InputType
from edgebin.graph.ops.signature import MAX_INPUTS
from edgebin.graph.preprocessing import Preprocessing

InputKind = Literal["image", "float32", "int8", "uint8"]
Example = Tensor | Sequence[Tensor]

_DTYPES: dict[InputKind, InputType] = {
    "image": "u8",
    "float32": "f32",
    "int8": "s8",
    "uint8": "u8",
}


@dataclass(frozen=True, slots=True)
class Examples:
    """What a network is traced on.

    Attributes:
        tensors: float32, (N, C, H, W), (N, C, L) or (N, C), with one N.
        kinds: "image": 8-bit pixels, which the preprocessing maps to the tensor; "float32": the
            tensor itself; "int8", "uint8": its integers. Only the first can be an image.
    """

    tensors: tuple[Tensor, ...]
    kinds: tuple[InputKind, ...]

    @property
    def has_image(self) -> bool:
        """Whether the first input is an image."""
        return self.kinds[0] == "image"

    def shape(self, index: int) -> tuple[int, int, int]:
        """Return (C, H, W) of an input; lines have a height of 1, vectors one position."""
        channels, *sides = (int(size) for size in self.tensors[index].shape[1:])
        return (channels, *((1, 1, *sides)[-2:] if sides else (1, 1)))  # type: ignore[return-value]

    def graph_input(self, index: int, name: str) -> GraphInput:
        """Return the input of the file."""
        channels, height, width = self.shape(index)
        return GraphInput(name, (height, width, channels), _DTYPES[self.kinds[index]])

    def as_tensor(self, index: int, array: Array, rule: Preprocessing) -> Tensor:
        """Return in float64 what the network gets for an array (N, H, W, C) of the file's input."""
        values = torch.from_numpy(np.ascontiguousarray(array)).permute(0, 3, 1, 2)
        values = values.contiguous().double()
        if self.kinds[index] == "image":
            mean, scale = (
                torch.tensor(numbers, dtype=torch.float64).reshape(1, -1, 1, 1)
                for numbers in (rule.mean, rule.scale)
            )
            values = (values / 255 - mean) / scale
        return values.reshape(len(array), *self.tensors[index].shape[1:])


def constants_of(kind: InputKind, rule: Preprocessing) -> dict[str, npt.NDArray[np.float64]]:
    """Return mean and scale of the `normalize` that makes the network's input of u8 values."""
    if kind == "image":
        return {"mean": np.asarray(rule.mean, float), "scale": np.asarray(rule.scale, float)}
    mean = 128 / 255 if kind == "int8" else 0.0  # an s8 element v is the u8 value v + 128
    return {"mean": np.array(mean), "scale": np.array(1 / 255)}


def examples_of(example: object, inputs: object = None) -> Examples:
    """Return the tensors that a network is traced on, checked.

    Args:
        example: a tensor or a sequence of them.
        inputs: the kind of each, or of the only one; None makes a single tensor an image, and each
            of several what its dtype says.

    Raises:
        ExportError: they are none that a file can have as inputs.
    """
    tensors = [example] if isinstance(example, Tensor) else example
    if not isinstance(tensors, Sequence) or not all(isinstance(x, Tensor) for x in tensors):
        raise ExportError(f"example: expected a Tensor, found {type(example).__name__}")
    if not 1 <= len(tensors) <= MAX_INPUTS:
        raise ExportError(f"example: expected 1 to {MAX_INPUTS} tensors, found {len(tensors)}")
    kinds: list[InputKind]
    if inputs is None:
        kinds = ["image"] if isinstance(example, Tensor) else [_kind_of(x) for x in tensors]
    else:
        given = [inputs] if isinstance(inputs, str) else inputs
        kinds = list(given)  # type: ignore[call-overload]
    if len(kinds) != len(tensors):
        raise ExportError(f"inputs: expected {len(tensors)}, found {len(kinds)}")
    for index, kind in enumerate(kinds):
        if kind not in get_args(InputKind):
            known = ", ".join(get_args(InputKind))
            raise ExportError(f"inputs: expected {known}, found {short(kind)}")
        if kind == "image" and index > 0:
            raise ExportError(f"inputs: expected an image first, found one at {index}")
        _check(tensors[index], kind, len(tensors[0]) if tensors[0].dim() else 0)
    return Examples(tuple(x.detach().cpu().float() for x in tensors), tuple(kinds))


def _kind_of(example: Tensor) -> InputKind:
    if example.dtype in (torch.int8, torch.uint8):
        return "int8" if example.dtype == torch.int8 else "uint8"
    return "float32"


def _check(example: Tensor, kind: InputKind, batch: int) -> None:
    found = f"{str(example.dtype).removeprefix('torch.')} {tuple(example.shape)}"
    if kind == "image":
        if example.dim() != 4 or not example.is_floating_point() or not example.numel():
            raise ExportError(
                f"example: expected float images of shape (N, C, H, W), found {found}"
            )
    elif not 2 <= example.dim() <= 4 or not example.numel() or example.is_complex():
        raise ExportError(
            f"example: expected shape (N, C, H, W), (N, C, L) or (N, C), found {found}"
        )
    if len(example) != batch:
        raise ExportError(f"example: expected {batch} of each, found {found}")
