"""The same fault has the same sentence in Python, in C and in `edgebin-run`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import edgebin
from edgebin.graph.fingerprint import make
from edgebin.graph.ir import GraphInput, Node
from graphs.small_networks import binary_network, colour_network, written

from .conftest import C99, flags, run

PIXELS = np.zeros((1, 4, 4, 3), np.uint8)


def line_of(act: Callable[[], object]) -> str:
    """The sentence of the error that Python raises."""
    with pytest.raises(edgebin.errors.EdgebinError) as caught:
        act()
    return str(caught.value)


@dataclass(frozen=True, slots=True)
class Interfaces:
    """The program and the C interface of an installed edgebin."""

    prefix: Path
    faults: Path
    lib: Path
    folder: Path

    def program(self, *words: object) -> str:
        """The sentence of the error that edgebin-run prints."""
        done = subprocess.run(
            [self.prefix / "bin/edgebin-run", *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {1, 2}
        (line,) = done.stderr.splitlines()
        return line.removeprefix("edgebin-run: error: ")

    def c(self, model: Path, *, isa: str = "", threads: int = 0, arena: int = 0) -> str:
        """The sentence of edgebin_last_error() after loading, running and verifying a model."""
        images = self.folder / "images"
        images.write_bytes(PIXELS.tobytes())
        words = [self.faults, model, images, isa, threads, arena]
        return run(*words, LD_LIBRARY_PATH=str(self.lib)).removesuffix("\n")


@pytest.fixture(scope="module")
def faults(lib: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """tests/install/faults.c, compiled."""
    program = tmp_path_factory.mktemp("faults") / "faults"
    run("cc", *C99, Path(__file__).with_name("faults.c"), *flags(lib), "-lm", "-o", program)
    return program


@pytest.fixture
def interfaces(prefix: Path, lib: Path, faults: Path, tmp_path: Path) -> Interfaces:
    return Interfaces(prefix, faults, lib, tmp_path)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return written(colour_network(), tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda good: good[:5],
        lambda good: b"PK" + good[2:],
        lambda good: good[:8] + b"\x63" + good[9:],
        lambda good: good[:-1],
        lambda good: good[:-1] + b"\x01",
    ],
    ids=["short", "magic", "version", "size", "checksum"],
)
def test_a_damaged_file(interfaces: Interfaces, model: Path, damage: Any) -> None:
    bad = model.with_name("bad.ebn")
    bad.write_bytes(damage(model.read_bytes()))
    expected = line_of(lambda: edgebin.load(bad))
    assert expected.startswith(f"{bad}: ")
    assert interfaces.c(bad) == expected
    assert interfaces.program("inspect", bad) == expected
    assert interfaces.program("verify", bad) == expected


@pytest.mark.parametrize("name", ["missing.ebn", "."])
def test_a_path_that_is_no_file(interfaces: Interfaces, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    expected = line_of(lambda: edgebin.load(path))
    assert interfaces.c(path) == interfaces.program("inspect", path) == expected


def test_an_instruction_set_that_is_not_there(interfaces: Interfaces, model: Path) -> None:
    expected = line_of(lambda: edgebin.load(model, isa="m68k"))
    assert interfaces.c(model, isa="m68k") == expected
    assert interfaces.program("inspect", model, "--isa", "m68k") == expected


def test_too_many_threads(interfaces: Interfaces, model: Path) -> None:
    expected = line_of(lambda: edgebin.load(model, threads=257))
    assert interfaces.c(model, threads=257) == expected
    assert interfaces.program("inspect", model, "--threads", "257") == expected


def test_a_limit_of_the_arena(interfaces: Interfaces, model: Path) -> None:
    expected = line_of(lambda: edgebin.load(model, max_arena_bytes=1))
    assert interfaces.c(model, arena=1) == expected
    expected = line_of(lambda: edgebin.load(model, max_arena_bytes=2**31 + 1))
    assert interfaces.c(model, arena=2**31 + 1) == expected


def test_no_fingerprint(interfaces: Interfaces, model: Path) -> None:
    expected = line_of(lambda: edgebin.verify(model))
    assert interfaces.c(model) == interfaces.program("verify", model) == expected


def test_a_layer_that_differs(interfaces: Interfaces, tmp_path: Path) -> None:
    network = binary_network()
    (case,) = make(network.graph, (3,))
    wrong = replace(case, hashes=(*case.hashes[:-1], case.hashes[-1] ^ 1))
    path = written(replace(network, self_test=(wrong,)), tmp_path)
    expected = str(edgebin.verify(path, isa="scalar", threads=1).difference)
    assert interfaces.program("verify", path, "--isa", "scalar", "--threads", 1) == (
        f"{path}: {expected}"
    )


def test_images_that_cannot_be_read(interfaces: Interfaces, model: Path, tmp_path: Path) -> None:
    network = edgebin.load(model)
    wide = tmp_path / "wide.ppm"
    wide.write_bytes(b"P6 65536 1 255\n" + bytes(3 * 65536))
    for image in (tmp_path / "none.ppm", tmp_path, wide):
        expected = line_of(lambda image=image: network(image))  # type: ignore[misc]
        assert interfaces.program("run", model, image) == expected


def test_an_output_that_is_no_list_of_classes(interfaces: Interfaces, tmp_path: Path) -> None:
    network = colour_network()
    graph = replace(network.graph, nodes=network.graph.nodes[:1], outputs=("scaled",))
    path = written(replace(network, graph=graph), tmp_path)
    expected = line_of(lambda: edgebin.load(path)(PIXELS[0]))
    assert expected == (
        'output "scaled": expected classes, found 4x4x3; '
        "what works: its values, by Model.run or --output"
    )
    assert interfaces.program("run", path, path) == expected


def test_an_input_that_is_no_image(interfaces: Interfaces, tmp_path: Path) -> None:
    scale = {"scale": np.ones(2, np.float32), "bias": np.zeros(2, np.float32)}
    network = colour_network()
    graph = replace(
        network.graph,
        inputs=(GraphInput("image", (1, 1, 2)),),
        nodes=(Node("affine", "scaled", ("image",), scale),),
        outputs=("scaled",),
    )
    rule = replace(network.preprocessing, mean=(0.0, 0.0), scale=(1.0, 1.0))
    path = written(replace(network, graph=graph, preprocessing=rule, labels=()), tmp_path)
    image = tmp_path / "image.ppm"
    image.write_bytes(b"P6 1 1 255\n" + bytes(3))
    expected = line_of(lambda: edgebin.load(path)(image))
    assert interfaces.program("run", path, image) == expected


def test_scores_that_are_not_finite(interfaces: Interfaces, tmp_path: Path) -> None:
    network = colour_network()
    large = {"weights": np.full((3, 3), 3e38, np.float32)}
    nodes = (*network.graph.nodes[:2], Node("linear", "logits", ("mean",), large))
    path = written(replace(network, graph=replace(network.graph, nodes=nodes)), tmp_path)
    white = tmp_path / "white.ppm"
    white.write_bytes(b"P6 4 4 255\n" + b"\xff" * 48)
    expected = line_of(lambda: edgebin.load(path)(white))
    assert interfaces.program("run", path, white) == expected


def test_classes_that_are_asked_for(interfaces: Interfaces, model: Path) -> None:
    expected = line_of(lambda: edgebin.load(model)(PIXELS[0], top=0)).replace(
        "found 0", 'found "0"'
    )
    assert interfaces.program("run", model, model, "--top", 0) == f"--{expected}"


def test_images_of_another_size(interfaces: Interfaces, tmp_path: Path) -> None:
    path = written(colour_network(side=5), tmp_path)
    assert interfaces.c(path) == "images: expected a multiple of 5x5x3 bytes, found 48"


def test_errors_of_the_environment(
    interfaces: Interfaces, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "EDGEBIN_CONV_ALGO", "guessing")
    expected = line_of(lambda: edgebin.load(model))
    assert interfaces.c(model) == interfaces.program("inspect", model) == expected
