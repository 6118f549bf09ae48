"""What a caller gives a model to run on, as the core takes it: an array for each input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from edgebin.errors import InputError
from edgebin.runtime.arrays import ArrayLike, as_array
from edgebin.runtime.tensors import TensorInfo

AnyArray: TypeAlias = npt.NDArray[Any] | ArrayLike
InputsLike: TypeAlias = AnyArray | Mapping[str, AnyArray]
"""An array (images, height, width, channels) where the network has one input, or arrays by name."""


def arrays_of(given: Any, inputs: Sequence[TensorInfo]) -> Any:
    """Return what the core takes; it checks types, shapes and that it was given arrays.

    Args:
        given: an array, or a dictionary of one for each input.
        inputs: of the network.

    Raises:
        InputError: names are missing or unknown, or the network has several inputs and `given` is
            no dictionary.
    """
    names = [info.name for info in inputs]
    if isinstance(given, Mapping):
        if set(given) != set(names):
            raise InputError(f"inputs: expected {_listed(names)}, found {_listed(given)}")
        arrays = [_contiguous(given[name]) for name in names]
        return arrays[0] if len(arrays) == 1 else arrays
    if len(names) == 1:
        return _contiguous(given)
    raise InputError(
        f"inputs: expected a dictionary of {_listed(names)}, found {type(given).__name__}"
    )


def _contiguous(value: Any) -> Any:
    """Return an array as the core takes it; the core refuses what is none."""
    array = as_array(value)
    return value if array is None else np.require(array, requirements=("C", "A"))


def _listed(names: Any) -> str:
    return ", ".join(f'"{name}"' for name in names) or "none"
