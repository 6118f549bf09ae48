"""Arrays as callers hold them: numpy's, tensors on the CPU, and what else exports its memory."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from edgebin.errors import InputError, first_line


class SupportsDLPack(Protocol):
    """Shares its memory, as a torch tensor does."""

    def __dlpack__(self, **options: Any) -> Any:
        """Return the memory."""

    def __dlpack_device__(self) -> tuple[Any, int]:
        """Return where the memory is."""


class SupportsArrayInterface(Protocol):
    """Shares its memory as numpy arrays do."""

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """The address, the shape and the type."""


ArrayLike: TypeAlias = npt.NDArray[np.uint8] | SupportsDLPack | SupportsArrayInterface

_CPU_DEVICES = (1, 3)  # of DLPack: plain memory, and memory pinned for a GPU


def as_array(value: object) -> npt.NDArray[Any] | None:
    """Return an object that holds an array as numpy's, None for any other object.

    Args:
        value: a numpy array, or anything with `__array_interface__`, DLPack or `__array__`, such as
            a torch tensor. No memory is copied where the object shares it.

    Raises:
        InputError: its memory is not the CPU's, or cannot be shared.
    """
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, type | np.generic):
        return None
    if isinstance(value, memoryview):
        return np.asarray(value) if value.ndim > 1 else None
    try:
        if hasattr(value, "__array_interface__"):
            return np.asarray(value)
        if hasattr(value, "__dlpack__"):
            _check_device(value)
            return np.from_dlpack(value)
        if hasattr(value, "__array__"):
            return np.asarray(value)
    except InputError:
        raise
    except Exception as error:  # the other library's
        raise InputError(
            f"expected an array, found {type(value).__name__} that numpy cannot read: "
            f"{first_line(error)}"
        ) from None
    return None


def _check_device(value: Any) -> None:
    """Raise InputError unless the memory is the CPU's."""
    device, _ = value.__dlpack_device__()
    if int(device) not in _CPU_DEVICES:
        place = getattr(value, "device", f"DLPack device {int(device)}")
        raise InputError(
            f"expected an array on the CPU, found {type(value).__name__} on {place}; "
            "what works: x.cpu() of a torch tensor x"
        )
