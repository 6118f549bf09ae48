"""The layers of a model: types, costs, sizes in the file and sizes in float32.

Computed from the shapes that the runtime inferred and from the constants; nothing is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgebin import _core


@dataclass(frozen=True, slots=True)
class Layer:
    """One operator of a model, in the order of execution.

    Args:
        op: operator of FORMAT.md.
        name: unique in the model.
        inputs: names of the values it reads: inputs of the model or layers before it.
        attributes: stride, padding and the like.
        dtype: type of its output: "u8", "code" or "f32".
        shape: (height, width, channels) of its output.
        macs: multiply-accumulates for one image.
        weight_bits: bits of a weight: 1, 8, 32, or 0 where it has none.
        weights: number of weights.
        bytes: size of all its constants in the file.
        float32_bytes: size of the same layer in a float32 state dict; see `float32_bytes`.
    """

    op: str
    name: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, int]
    dtype: str
    shape: tuple[int, int, int]
    macs: int
    weight_bits: int
    weights: int
    bytes: int
    float32_bytes: int


def float32_bytes(constants: Mapping[str, npt.NDArray[np.generic]]) -> int:
    """Return the bytes that a layer's learned constants take in a float32 state dict.

    4 for each weight and each bias, and 8 for each channel that has thresholds or (without
    weights) a scale: the mean and the variance of the batch norm that was folded into them. What
    export derives from those (scales beside weights, steps, signs, zeros) counts nothing.
    """
    weights = constants["weights"].size if "weights" in constants else 0
    total = 4 * weights
    if "thresholds" in constants:
        total += 8 * len(constants["thresholds"])
    elif weights == 0 and "scale" in constants:
        total += 8 * len(constants["scale"])
    elif "bias" in constants:
        total += 4 * len(constants["bias"])
    return total


def describe(core: _core.Model) -> tuple[Layer, ...]:
    """Return the layers of a loaded model."""
    infos, constants = core.layers, core.constants
    names = [x.name for x in core.info.inputs] + [info.name for info in infos]
    return tuple(
        Layer(
            op=info.op,
            name=info.name,
            inputs=tuple(names[value] for value in info.inputs),
            attributes=dict(info.attributes),
            dtype=info.dtype,
            shape=info.shape,
            macs=info.macs,
            weight_bits=info.weight_bits,
            weights=held["weights"].size if "weights" in held else 0,
            bytes=info.constant_bytes,
            float32_bytes=float32_bytes(held),
        )
        for info, held in zip(infos, constants, strict=True)
    )
