"""`Model.prepare`, and values inside a network by name: `Model.run(images, outputs=[...])`."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import edgebin
from edgebin.graph.format import read
from edgebin.graph.reference import evaluate
from graphs.small_networks import binary_network, colour_network, two_outputs, written

PIXELS = np.random.default_rng(3).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)


def expected_values(path: Path, images: Any) -> dict[str, Any]:
    """What the oracle computes of every value, in the shapes that `run` returns."""
    values = evaluate(read(path).graph, images)
    return {
        name: x[:, 0, 0] if x.shape[1:3] == (1, 1) and x.dtype != np.uint8 else x
        for name, x in values.items()
    }


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for name, array in found.items():
        assert array.dtype == expected[name].dtype, name
        np.testing.assert_array_equal(array, expected[name].reshape(array.shape), err_msg=name)


@pytest.mark.parametrize("threads", [1, 3])
def test_every_value_has_the_bits_of_the_oracle(binary: Path, threads: int) -> None:
    model = edgebin.load(binary, threads=threads)
    expected = expected_values(binary, PIXELS)
    names = [layer.name for layer in model.layers]
    assert_same(model.run(PIXELS, outputs=["image", *names]), expected)
    for name in names:  # each alone: other layers are fused then
        assert_same(model.run(PIXELS, outputs=[name]), expected)


def test_a_shipped_network_gives_its_blocks() -> None:
    model = edgebin.load("cifar10-resnet20")
    assert model.path is not None
    images = np.random.default_rng(4).integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)
    names = ["layer1.1", "layer2.0.act1", "layer3.2", "head"]
    values = model.run(images, outputs=names)
    assert list(values) == names
    assert_same(values, expected_values(model.path, images))
    assert {name: (x.shape, str(x.dtype)) for name, x in values.items()} == {
        "layer1.1": ((1, 32, 32, 16), "float32"),
        "layer2.0.act1": ((1, 32, 32, 16), "uint8"),
        "layer3.2": ((1, 8, 8, 64), "float32"),
        "head": ((1, 10), "float32"),
    }
    np.testing.assert_array_equal(values["head"], model.run(images))


def test_a_module_stands_for_its_last_layer() -> None:
    model = edgebin.load("cifar10-resnet20")
    images = np.zeros((1, 32, 32, 3), np.uint8)
    module, last = model.run(images, outputs=["layer3", "layer3.2"]).values()
    np.testing.assert_array_equal(module, last)
    first = model.run(images, outputs=["layer3.1"])["layer3.1"]
    assert not np.array_equal(first, last)


def test_an_output_is_found_by_its_own_name(tmp_path: Path) -> None:
    path = written(two_outputs(colour_network()), tmp_path)
    model = edgebin.load(path)
    images = PIXELS[:, :4, :4]
    for outputs in (["scaled", "logits"], ["logits", "scaled", "logits"], ("mean",), []):
        found = model.run(images, outputs=outputs)
        assert list(found) == list(dict.fromkeys(outputs))
        assert_same(found, expected_values(path, np.ascontiguousarray(images)))


def test_names_of_added_layers_do_not_collide(tmp_path: Path) -> None:
    """Codes leave the network through a layer of another name."""
    network = binary_network()
    nodes = tuple(
        replace(
            node,
            name={"pool": "codes'"}.get(node.name, node.name),
            inputs=tuple({"pool": "codes'"}.get(name, name) for name in node.inputs),
        )
        for node in network.graph.nodes
    )
    path = written(replace(network, graph=replace(network.graph, nodes=nodes)), tmp_path)
    found = edgebin.load(path).run(PIXELS, outputs=["codes", "codes'"])
    assert_same(found, expected_values(path, PIXELS))


@pytest.mark.parametrize(
    ("outputs", "line"),
    [
        (["hiden"], r"such as hidden.*, found 'hiden'$"),
        (["%"], r"such as first, codes, hidden .*, found '%'$"),
        ("hidden", r"expected a list of names, found 'hidden'$"),
        ([3], r"expected names of layers, found 3$"),
        (5, r"expected a list of names, found 5$"),
    ],
)
def test_an_unknown_name_is_one_line_with_near_ones(binary: Path, outputs: Any, line: str) -> None:
    with pytest.raises(edgebin.OptionError, match=f"^outputs: .*{line}"):
        edgebin.load(binary).run(PIXELS, outputs=outputs)


def test_other_pixels_are_refused_as_in_any_run(binary: Path) -> None:
    for outputs in (["hidden"], ["image"]):
        with pytest.raises(edgebin.InputError, match=r"expected uint8 of shape \(N, 8, 8, 3\)"):
            edgebin.load(binary).run(PIXELS[0], outputs=outputs)


def test_models_in_memory_and_callers_at_once(binary: Path) -> None:
    model = edgebin.load(binary.read_bytes())
    expected = expected_values(binary, PIXELS)
    names = list(expected)
    wrong: list[str] = []

    def work(turn: int) -> None:
        for i in range(12):
            name = names[(turn + i) % len(names)]
            found = model.run(PIXELS, outputs=[name])[name]
            if not np.array_equal(found, expected[name].reshape(found.shape)):
                wrong.append(name)

    workers = [threading.Thread(target=work, args=(turn,)) for turn in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []


def test_prepare_gives_what_run_takes(colours: Path, green: Path) -> None:
    model = edgebin.load(colours)
    pixels = model.prepare(green)
    assert (pixels.shape, str(pixels.dtype)) == ((1, 4, 4, 3), "uint8")
    assert (pixels == (0, 255, 0)).all()
    assert model.run(pixels).argmax() == model(green)[0].index
    batch = model.prepare([green, Image.new("RGB", (3, 9), "red")])
    assert [model.labels[i] for i in model.run(batch).argmax(1)] == ["green", "red"]
    assert model.prepare([]).shape == (0, 4, 4, 3)


def test_prepare_applies_size_and_colour_of_the_file(tmp_path: Path, green: Path) -> None:
    path = written(colour_network(colour="bgr", side=6, resize=8), tmp_path)
    pixels = edgebin.load(path).prepare(Image.new("RGB", (40, 20), (1, 2, 3)))
    assert pixels.shape == (1, 6, 6, 3)
    assert (pixels == (3, 2, 1)).all()
    grey = edgebin.load(written(colour_network(colour="grey"), tmp_path))
    assert grey.prepare(green).shape == (1, 4, 4, 1)
