"""What a comparison needs to know about a runtime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready to run.

    Args:
        call: runs it once on an input that is ready.
        inputs: shapes and types of its inputs, in words.
    """

    call: Callable[[], object]
    inputs: str


@dataclass(frozen=True, slots=True)
class Peer:
    """A runtime.

    Args:
        title: its name.
        module: what is imported, and whether it is there tells whether it is installed.
        package: what pip installs.
        suffixes: of the files that it runs.
        load: (path, threads, batch) -> a model that is ready.
    """

    title: str
    module: str
    package: str
    suffixes: tuple[str, ...]
    load: Callable[[str, int, int], Loaded]


def shape_of(declared: Sequence[object], batch: int) -> tuple[int, ...]:
    """Return the shape of an input, in which the batch may be open.

    Args:
        declared: as the model has it; what is no positive number is open.
        batch: images in a call: an open first dimension.

    Raises:
        ValueError: another dimension is open, or the first one is another number.
    """
    known = [d if isinstance(d, int) and d > 0 else None for d in declared]
    if None in known[1:]:
        raise ValueError(f"input: expected a fixed shape but for the batch, found {list(declared)}")
    shape = tuple(batch if d is None else d for d in known)
    if shape and len(shape) > 1 and shape[0] != batch:
        raise ValueError(f"input: expected a batch of {batch}, found {shape[0]}")
    return shape


def noise(shape: Sequence[int], dtype: npt.DTypeLike) -> npt.NDArray[np.generic]:
    """Return numbers without a pattern, the same every time.

    Floats lie between -1.7 and 1.7, as a normalised image does; integers of 8 bits take all their
    values, wider ones 0 and 1.
    """
    count = int(np.prod(shape)) if len(shape) else 1
    codes = (np.arange(count, dtype=np.uint32) * np.uint32(2654435761) >> 24).reshape(shape)
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return ((codes.astype(np.float32) - 127.5) / 75).astype(kind)
    if kind.itemsize == 1 and kind.kind in "iu":
        return codes.astype(np.uint8).view(kind)
    return (codes & 1).astype(kind)
