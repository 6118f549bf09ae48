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


def output_shapes(core: _core.Model) -> list[tuple[int, ...]]:
    """Return the shapes of the outputs of `run`, without the batch dimension."""
    shapes = [shape for _, shape in core.info.inputs] + [layer.shape for layer in core.layers]
    found = [shapes[value] for _, value in core.info.outputs]
    return [shape[2:] if shape[:2] == (1, 1) else shape for shape in found]


def ends_in_softmax(core: _core.Model) -> bool:
    """Return whether the first output's values are probabilities."""
    value = core.info.outputs[0][1]
    layers = core.layers
    while value >= len(core.info.inputs):
        layer = layers[value - len(core.info.inputs)]
        if layer.op != "flatten":
            return layer.op == "softmax"
        value = layer.inputs[0]
    return False
