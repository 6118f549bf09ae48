"""What an image becomes is what Pillow 13 makes of it, bit for bit, by any filter and size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edgebin.runtime.model import load
from edgebin.runtime.preprocess import prepare

from .conftest import Program
from .images import mirror, noise, save

FILTERS = ("nearest", "bilinear", "bicubic", "lanczos")


def seen(program: Program, model: Path, image: Path) -> Any:
    """The input that the program gave the network."""
    output = model.parent / "seen.f32"
    done = program(model, image, "--output", output)
    assert (done.returncode, done.stderr) == (0, "")
    return np.fromfile(output, "<f4")


def expect_same(program: Program, model: Path, image: Path) -> None:
    network = load(model)
    height, width, channels = network.inputs[0].shape
    expected = prepare(image, network.preprocessing, (height, width, channels))
    found = seen(program, model, image)
    np.testing.assert_array_equal(found, expected.ravel().astype(np.float32), str(image))


@pytest.mark.parametrize("filter", FILTERS)
@pytest.mark.parametrize("seed", range(8))
def test_random_sizes(program: Program, tmp_path: Path, filter: str, seed: int) -> None:
    random = np.random.default_rng([seed, FILTERS.index(filter)])
    for turn in range(6):
        height, width, out_h, out_w = (int(size) for size in random.integers(1, 120, 4))
        channels = int(random.choice((1, 3)))
        colour = str(random.choice(("rgb", "bgr", "grey")))
        resize = int(random.integers(1, 150)) if turn % 2 else 0
        model = mirror(tmp_path, (out_h, out_w), colour, filter, resize)
        expect_same(
            program, model, save(tmp_path / "a.ppm", noise(random, height, width, channels))
        )


@pytest.mark.parametrize("filter", FILTERS)
def test_letterboxes(program: Program, tmp_path: Path, filter: str) -> None:
    random = np.random.default_rng(FILTERS.index(filter))
    for turn in range(12):
        height, width, out_h, out_w = (int(size) for size in random.integers(1, 90, 4))
        fill = int(random.integers(0, 256))
        colour = str(random.choice(("rgb", "bgr", "grey")))
        size = (out_h, out_w) if turn % 3 else (out_h, out_h)
        model = mirror(tmp_path, size, colour, filter, 0, fit="letterbox", fill=fill)
        expect_same(program, model, save(tmp_path / "a.ppm", noise(random, height, width, 3)))


@pytest.mark.parametrize("filter", FILTERS)
@pytest.mark.parametrize(
    ("size", "resize"),
    [((1200, 1600), 256), ((1, 700), 9), ((700, 1), 0), ((224, 300), 224), ((31, 32), 32)],
)
def test_telling_sizes(
    program: Program, tmp_path: Path, filter: str, size: tuple[int, int], resize: int
) -> None:
    model = mirror(tmp_path, (64, 224), "rgb", filter, resize)
    expect_same(program, model, save(tmp_path / "a.ppm", noise(np.random.default_rng(3), *size, 3)))


@pytest.mark.parametrize("largest", [1, 7, 100, 254, 255, 256, 1000, 4095, 65534, 65535])
@pytest.mark.parametrize("kind", ["P5", "P6"])
@pytest.mark.parametrize("colour", ["rgb", "grey"])
def test_any_largest_value(
    program: Program, tmp_path: Path, largest: int, kind: str, colour: str
) -> None:
    channels = 3 if kind == "P6" else 1
    values = np.random.default_rng(5).integers(0, largest + 1, (9, 8, channels))
    image = tmp_path / "a.pnm"
    dtype = ">u2" if largest > 255 else "u1"
    image.write_bytes(f"{kind} 8 9 {largest}\n".encode() + values.astype(dtype).tobytes())
    expect_same(program, mirror(tmp_path, (9, 8), colour, "nearest", 0), image)


def test_values_above_the_largest_are_the_largest(program: Program, tmp_path: Path) -> None:
    image = tmp_path / "a.pgm"
    image.write_bytes(b"P5 2 1 7\n\x07\xff")
    expect_same(program, mirror(tmp_path, (1, 2), "grey", "nearest", 0), image)


@pytest.mark.parametrize(
    "header",
    [
        b"P6 # a comment\n4 2\n255\n",
        b"P6\n#\n# two\n4\t2\r255 ",
        b"P6\n4#in the middle\n 2 #x\r 255#y\n\n",
        b"P6\n \n 4 \v\f2\n0000000255\n",
    ],
)
def test_headers_with_comments(program: Program, tmp_path: Path, header: bytes) -> None:
    image = tmp_path / "a.ppm"
    image.write_bytes(header + bytes(range(24)))
    expect_same(program, mirror(tmp_path, (2, 4), "rgb", "nearest", 0), image)


def test_what_follows_the_pixels_is_left_alone(program: Program, tmp_path: Path) -> None:
    image = tmp_path / "a.ppm"
    image.write_bytes(b"P6 2 2 255\n" + bytes(range(12)) + b"more")
    expect_same(program, mirror(tmp_path, (2, 2), "rgb", "nearest", 0), image)


@pytest.mark.parametrize("colour", ["rgb", "bgr", "grey"])
def test_raw_tensors_are_the_input(program: Program, tmp_path: Path, colour: Any) -> None:
    model = mirror(tmp_path, (5, 4), colour, "bicubic", 7)
    pixels = noise(np.random.default_rng(1), 5, 4, 1 if colour == "grey" else 3)
    raw = tmp_path / "a.raw"
    raw.write_bytes(pixels.tobytes())
    np.testing.assert_array_equal(seen(program, model, raw), pixels.ravel())


def test_a_raw_tensor_may_look_like_an_image(program: Program, tmp_path: Path) -> None:
    model = mirror(tmp_path, (2, 4), "rgb", "nearest", 0)
    raw = tmp_path / "a.raw"
    raw.write_bytes(b"P6 4 2 255\n" + bytes(13))
    assert program(model, raw, "--output", tmp_path / "x").returncode == 2
    done = program(model, raw, "--raw", "--output", tmp_path / "x")
    assert done.returncode == 0, done.stderr
    assert np.fromfile(tmp_path / "x", "<f4").astype(np.uint8).tobytes() == raw.read_bytes()


def test_pillow_agrees_that_these_are_images(tmp_path: Path) -> None:
    image = save(tmp_path / "a.ppm", noise(np.random.default_rng(0), 3, 4, 3))
    with Image.open(image) as opened:
        assert opened.size == (4, 3)
