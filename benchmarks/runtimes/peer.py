"""What a benchmark needs to know of a runtime, in plain data and two functions.

Nothing here measures: `isolated.py` does, with the same rules for every runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Job:
    """One model to run.

    Args:
        peer: key of `runtimes.PEERS`.
        path: the model's file, as `Peer.make` wrote it.
        precision: one of the peer's.
        threads: that the runtime may use.
        side: of the image, in pixels.
        batch: images in one call; only edgebin's own models take more than one.
    """

    peer: str
    path: str
    precision: str
    threads: int
    side: int
    batch: int = 1


class Loaded(Protocol):
    """A model that is ready."""

    def feed(self) -> None:
        """Lay the input out, as that runtime likes it best; it takes no part in any time."""

    def run(self) -> Any:
        """One call, from the input to an array of logits, of any shape and unit."""

    def facts(self) -> dict[str, object]:
        """What the runtime says of itself afterwards; "chosen" names kernels or precision."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A runtime.

    Args:
        title: its name as its makers write it.
        module: imported before the clock of loading starts.
        packages: distributions whose versions a result names: the runtime, then its converters.
        suffix: of a model's main file.
        precisions: that it is measured in, the most usual first.
        make: (network, precision, path) -> None; writes the model, and companions that differ from
            it in the suffix alone.
        load: makes a model ready.
        avx2: environment that holds it to AVX2; None where it has no such switch.
        held: precisions to measure under `avx2`.
        lacks: precision -> reason, for what its users would look for and not find.
    """

    title: str
    module: str
    packages: tuple[str, ...]
    suffix: str
    precisions: tuple[str, ...]
    make: Callable[[str, str, Path], None]
    load: Callable[[Job], Loaded]
    avx2: Mapping[str, str] | None = None
    held: tuple[str, ...] = ()
    lacks: Mapping[str, str] = field(default_factory=dict)


def noise(*shape: int) -> npt.NDArray[np.uint8]:
    """Bytes without a pattern that a runtime could profit from, the same at every call.

    A multiplicative hash: `numpy.random` would add its own memory to every process.
    """
    count = int(np.prod(shape))
    return (np.arange(count, dtype=np.uint32) * 2654435761 >> 24).astype(np.uint8).reshape(shape)


def normalised(*shape: int) -> npt.NDArray[np.float32]:
    """The same as float32 numbers between -1.7 and 1.7: an image less mean, over deviation."""
    return (noise(*shape).astype(np.float32) - np.float32(127.5)) / np.float32(75)
