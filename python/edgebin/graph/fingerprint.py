"""The fingerprint of a file: images drawn from a seed, and hashes of what the oracle computes.

They are made here with numpy when a file is written, and checked by the C++ core wherever the file
is verified: two programs that share nothing but FORMAT.md.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, Graph, GraphInput, SelfTestCase
from edgebin.graph.reference import evaluate

SEEDS = (1, 2)
"""Of the images of an exported file: two, so that what depends on the pixels is seen twice, and a
verification of a large network on slow kernels still takes seconds."""

_CELL = 8
_NOISE = np.uint32(2**31)

U32 = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]


def make(graph: Graph, seeds: tuple[int, ...] = SEEDS) -> tuple[SelfTestCase, ...]:
    """Run the oracle on an image for each seed.

    Raises:
        ModelFileError: the graph is not one that FORMAT.md allows.
    """
    return tuple(SelfTestCase(seed, _hashes(graph, seed)) for seed in seeds)


def image(seed: int, shape: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    """Draw a probe image as FORMAT.md says: a coarse grid, enlarged smoothly, and fine noise.

    Args:
        seed: 0 to 2^32 - 1.
        shape: (height, width, channels).

    Returns:
        uint8 (height, width, channels).
    """
    height, width, channels = shape
    y, x, c = np.ogrid[:height, :width, :channels]
    points = width // _CELL + 2
    row, column, down, right = y // _CELL, x // _CELL, y % _CELL, x % _CELL

    def grid(rows: I64, columns: I64) -> I64:
        index = (rows * points + columns) * channels + c
        return (_draw(seed, index.astype(np.uint32)) >> np.uint32(23)).astype(np.int64) - 128

    above = (_CELL - right) * grid(row, column) + right * grid(row, column + 1)
    below = (_CELL - right) * grid(row + 1, column) + right * grid(row + 1, column + 1)
    smooth = ((_CELL - down) * above + down * below + _CELL**2 // 2) // _CELL**2
    index = _NOISE + ((y * width + x) * channels + c).astype(np.uint32)
    noise = (_draw(seed, index) >> np.uint32(26)).astype(np.int64) - 32
    return np.clip(smooth + noise, 0, 255).astype(np.uint8)


def elements(graph: Graph, seed: int) -> dict[str, Array]:
    """Return the probe image of each input, (height, width, channels), as a caller gives it."""
    return {
        given.name: _as_elements(given, image(_seed_of(seed, number), given.shape))
        for number, given in enumerate(graph.inputs)
    }


def value_hash(value: Array) -> int:
    """Return the CRC-32 of a value (height, width, channels): u8, codes as bytes, or float32.

    All NaNs count as one, for FORMAT.md leaves open which one an operation gives.
    """
    if value.dtype == np.float32:
        bits = np.where(np.isnan(value), np.uint32(0x7FC00000), value.view(np.uint32))
        return zlib.crc32(bits.astype("<u4").tobytes())
    return zlib.crc32(value.astype(np.uint8).tobytes())


def _hashes(graph: Graph, seed: int) -> tuple[int, ...]:
    values = evaluate(graph, {name: x[None] for name, x in elements(graph, seed).items()})
    return tuple(value_hash(np.ascontiguousarray(values[name][0])) for name in graph.names)


def _seed_of(seed: int, number: int) -> int:
    """Return the seed of the image of an input."""
    if number == 0:
        return seed
    return int(_mixed(np.array([(seed + number) % 2**32], np.uint32))[0])


def _as_elements(given: GraphInput, pixels: npt.NDArray[np.uint8]) -> Array:
    if given.dtype == "f32":
        return (pixels.astype(np.float32) - 128) / np.float32(64)
    return (pixels ^ np.uint8(128)).view(np.int8) if given.dtype == "s8" else pixels


def _draw(seed: int, index: U32) -> U32:
    return _mixed(np.uint32(seed) + _mixed(index))


def _mixed(x: U32) -> U32:
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(0x7FEB352D)
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))
