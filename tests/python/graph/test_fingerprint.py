"""Test images and hashes by FORMAT.md read literally, and drawn networks verified everywhere."""

from __future__ import annotations

import struct
import tempfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import edgebin
from edgebin.graph.fingerprint import SEEDS, elements, image, make, value_hash
from edgebin.graph.format import read, write
from edgebin.graph.ir import Graph, Network
from edgebin.graph.ops import infer_types
from edgebin.graph.reference import evaluate
from edgebin.runtime import zoo
from graphs.networks import networks
from graphs.sketch import Sketch, network
from graphs.strategies import Case, seeds


def mixed(x: int) -> int:
    """The m of FORMAT.md."""
    x ^= x >> 16
    x = x * 0x7FEB352D % 2**32
    x ^= x >> 15
    x = x * 0x846CA68B % 2**32
    return x ^ x >> 16


def literal(seed: int, shape: tuple[int, int, int]) -> list[int]:
    """The pixels, by Python's integers alone."""
    height, width, channels = shape

    def r(i: int) -> int:
        return mixed((seed + mixed(i)) % 2**32)

    def g(a: int, b: int, c: int) -> int:
        return (r((a * (width // 8 + 2) + b) * channels + c) >> 23) - 128

    def pixel(y: int, x: int, c: int) -> int:
        a, b = y // 8, x // 8
        d, e = y - 8 * a, x - 8 * b
        above = (8 - e) * g(a, b, c) + e * g(a, b + 1, c)
        below = (8 - e) * g(a + 1, b, c) + e * g(a + 1, b + 1, c)
        noise = (r(2**31 + (y * width + x) * channels + c) >> 26) - 32
        return min(max(((8 - d) * above + d * below + 32) // 64 + noise, 0), 255)

    return [pixel(y, x, c) for y in range(height) for x in range(width) for c in range(channels)]


@given(seed=seeds, shape=st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(1, 5)))
def test_an_image_is_what_the_format_says(seed: int, shape: tuple[int, int, int]) -> None:
    assert image(seed, shape).ravel().tolist() == literal(seed, shape)


def test_each_input_has_an_image_of_its_own() -> None:
    sketch = Sketch((9, 3, 2))
    names = [sketch.take((9, 3, 2), dtype) for dtype in ("f32", "s8", "u8")]
    found = elements(sketch.graph(sketch.reals(np.random.default_rng(0))), 2**32 - 1)
    seeds = [2**32 - 1, *(mixed((2**32 - 1 + k) % 2**32) for k in (1, 2, 3))]
    pixels = [np.array(literal(seed, (9, 3, 2))).reshape(9, 3, 2) for seed in seeds]
    assert (found[sketch.image] == pixels[0]).all()
    assert (found[names[0]] == (pixels[1] - 128) / 64).all()
    assert (found[names[1]] == pixels[2] - 128).all()
    assert (found[names[2]] == pixels[3]).all()
    assert [found[name].dtype for name in names] == [np.float32, np.int8, np.uint8]


def test_images_have_dark_and_bright_places_and_all_between() -> None:
    one, other = (image(seed, (64, 64, 3)) for seed in SEEDS)
    assert len(np.unique(one)) == 256
    assert (one != other).mean() > 0.9


def test_hashes_are_of_bytes_and_every_nan_is_the_same() -> None:
    codes = np.arange(24, dtype=np.uint8).reshape(2, 3, 4) % 4
    assert value_hash(codes) == zlib.crc32(codes.tobytes())
    reals = np.array([[[1.5, -0.0, np.inf]]], np.float32)
    assert value_hash(reals) == zlib.crc32(struct.pack("<3I", 0x3FC00000, 2**31, 0x7F800000))
    nans = np.array([0xFFC00000, 0x7F800001, 0x7FC00000], np.uint32).view(np.float32)
    assert len({value_hash(nan.reshape(1, 1, 1)) for nan in nans}) == 1
    assert value_hash(nans[:1].reshape(1, 1, 1)) == zlib.crc32(struct.pack("<I", 0x7FC00000))


def shipped() -> Network:
    return read(zoo.shipped()["cifar10-resnet20"])


def test_the_shipped_model_meets_every_code_in_every_layer() -> None:
    graph = shipped().graph
    values = evaluate(graph, np.stack([image(seed, graph.input_shape) for seed in SEEDS]))
    coded = [name for name, found in infer_types(graph).items() if found.dtype == "code"]
    assert len(coded) == 18
    for name in coded:
        assert np.bincount(values[name].ravel(), minlength=4).min() > 0, name


def test_a_hash_for_every_value_in_order() -> None:
    graph = shipped().graph
    (case,) = make(graph, (7,))
    assert case.seed == 7
    values = evaluate(graph, image(7, graph.input_shape)[None])
    assert case.hashes == tuple(value_hash(value[0]) for value in values.values())
    assert len(case.hashes) == 1 + len(graph.nodes)


def verified(graph: Graph, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.ebn"
        write(replace(network(graph), self_test=make(graph, (seed,))), path)
        found = edgebin.verify(path)
        assert found.exact, str(found.difference)
        assert {check.isa for check in found.checks} == set(edgebin.isas())


@pytest.mark.filterwarnings("ignore:invalid value")
@given(case=networks(), seed=seeds)
def test_drawn_networks_are_exact_everywhere(case: Case, seed: int) -> None:
    verified(case.graph, seed)
