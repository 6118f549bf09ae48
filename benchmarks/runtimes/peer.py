"""What a benchmark needs to know about a runtime: plain data and two functions.

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
    """A model that is ready to run."""

    def feed(self) -> None:
        """Prepare the input in the best layout for that runtime; this is not timed."""

    def run(self) -> Any:
        """Run once, from the input to an array of logits, of any shape and scale."""

    def facts(self) -> dict[str, object]:
        """Return what the runtime reports afterwards; "chosen" names kernels or precision."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A runtime.

    Args:
        title: its name.
        module: imported before loading is timed.
        packages: distributions whose versions a result has: the runtime, then its converters.
        suffix: of a model's main file.
        precisions: that it is measured in, the most usual first.
        make: (network, precision, path) -> None; writes the model, and companions that differ from
            it in the suffix alone.
        load: makes a model ready.
        avx2: environment that restricts it to AVX2; None if it has no such switch.
        held: precisions to measure under `avx2`.
        lacks: precision -> reason, for precisions that its users would expect and it does not have.
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
