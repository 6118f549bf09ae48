"""Networks with several inputs and inputs of other types: `Model.run({"name": array})`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import edgebin
from edgebin.errors import InputError
from edgebin.graph.fingerprint import make
from edgebin.graph.format import encode, read, version_for, write
from edgebin.graph.ir import Network
from edgebin.graph.reference import run as run_oracle
from graphs.against_oracle import assert_runs_as_oracle
from graphs.networks import typed_networks
from graphs.sketch import Sketch, elements, network
from graphs.strategies import Case


def three_inputs() -> Network:
    """An image, reals and integers: image + 2 reals - integers."""
    sketch = Sketch((2, 3, 1))
    reals, integers = sketch.take((2, 3, 1), "f32"), sketch.take((2, 3, 1), "s8")
    one = np.ones(1, np.float32)
    image = sketch.add("affine", sketch.image, constants={"scale": one, "bias": 0 * one})
    twice = sketch.add("add", reals, reals)
    whole = sketch.add("affine", integers, constants={"scale": one, "bias": -128 * one})
    last = sketch.add("sub", sketch.add("add", image, twice), whole)
    return network(sketch.graph(last))


@pytest.fixture
def model(tmp_path: Path) -> edgebin.Model:
    made = three_inputs()
    write(replace(made, self_test=make(made.graph)), tmp_path / "three.ebn")
    return edgebin.load(tmp_path / "three.ebn")


def arrays(count: int) -> dict[str, Any]:
    rng = np.random.default_rng(count)
    return {given.name: elements(rng, count, given) for given in three_inputs().graph.inputs}


@given(case=typed_networks())
def test_drawn_networks_run_as_the_oracle(case: Case) -> None:
    assert_runs_as_oracle(case.graph, case.images)


@given(case=typed_networks())
def test_drawn_networks_come_back_and_are_verified(
    case: Case, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("typed") / "drawn.ebn"
    written = replace(network(case.graph), self_test=make(case.graph, (5,)))
    write(written, path)
    assert encode(read(path)) == path.read_bytes()
    assert read(path).graph.inputs == case.graph.inputs
    found = edgebin.verify(path, threads=2)
    assert found.exact, str(found.difference)


def test_values_are_those_of_each_type(model: edgebin.Model) -> None:
    image, reals, integers = (info.name for info in model.inputs)
    given: dict[str, Any] = {
        image: np.full((1, 2, 3, 1), 255, np.uint8),
        reals: np.full((1, 2, 3, 1), -0.25, np.float32),
        integers: np.array([-128, -1, 0, 1, 2, 127], np.int8).reshape(1, 2, 3, 1),
    }
    expected = 255 - 0.5 - np.array([-128, -1, 0, 1, 2, 127])
    assert model.run(given).ravel().tolist() == expected.tolist()
    assert [(info.dtype, info.shape) for info in model.inputs] == [
        ("uint8", (2, 3, 1)),
        ("float32", (2, 3, 1)),
        ("int8", (2, 3, 1)),
    ]


def test_batches_are_run_image_by_image(model: edgebin.Model) -> None:
    given = arrays(4)
    whole = model.run(given)
    np.testing.assert_array_equal(whole, run_oracle(three_inputs().graph, given)[0])
    for i in range(4):
        one = model.run({name: array[i : i + 1] for name, array in given.items()})
        np.testing.assert_array_equal(one, whole[i : i + 1])
    assert model.run(arrays(0)).shape == (0, 2, 3, 1)


def test_any_memory_is_taken(model: edgebin.Model) -> None:
    """Strided, and where floats begin at any byte."""
    given = arrays(2)
    expected = model.run(given)
    name = model.inputs[1].name
    unaligned = np.empty(given[name].nbytes + 1, np.uint8)[1:].view(np.float32)
    unaligned = unaligned.reshape(given[name].shape)
    unaligned[...] = given[name]
    assert not unaligned.flags.aligned
    strided = {key: np.repeat(array, 2, axis=3)[..., ::2] for key, array in given.items()}
    for other in ({**given, name: unaligned}, strided):
        np.testing.assert_array_equal(model.run(other), expected)


def test_the_fingerprint_covers_every_input(model: edgebin.Model, tmp_path: Path) -> None:
    assert edgebin.verify(model.path or "").exact
    made = read(model.path or Path())
    for value in range(len(made.graph.names)):
        hashes = list(made.self_test[1].hashes)
        hashes[value] ^= 1
        wrong = replace(made.self_test[1], hashes=tuple(hashes))
        path = tmp_path / "wrong.ebn"
        write(replace(made, self_test=(made.self_test[0], wrong)), path)
        found = edgebin.verify(path, threads=1).difference
        assert found is not None
        assert (found.value, found.image) == (made.graph.names[value], 1)


def test_values_inside_are_had_by_name(model: edgebin.Model) -> None:
    given = arrays(2)
    names = [info.name for info in model.inputs]
    layer = model.layers[0].name
    found = model.run(given, outputs=[*names, layer])
    for name in names:
        np.testing.assert_array_equal(found[name], given[name])
    np.testing.assert_array_equal(found[layer], given[names[0]].astype(np.float32))


def test_bytes_inside_are_had_by_name(tmp_path: Path) -> None:
    sketch = Sketch((2, 2, 3))
    flat = sketch.add("flatten", sketch.image)
    ones = np.ones(12, np.float32)
    last = sketch.add("affine", flat, constants={"scale": 2 * ones, "bias": ones})
    write(network(sketch.graph(last)), tmp_path / "flat.ebn")
    pixels = np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3)
    found = edgebin.load(tmp_path / "flat.ebn").run(pixels, outputs=[flat])[flat]
    assert found.dtype.name == "uint8"
    assert found.tolist() == [list(range(12))]


def test_steps_are_timed(model: edgebin.Model) -> None:
    assert len(model.profile(arrays(2))) == len(model.layers)
    with pytest.raises(InputError, match="expected at least one to profile"):
        model.profile(arrays(0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x["picture"], 'inputs: expected a dictionary of "picture", "input1", "input2"'),
        (lambda x: {}, 'inputs: expected "picture", "input1", "input2", found none'),
        (
            lambda x: {**x, "other": x["input1"]},
            '"input2", found "picture", "input1", "input2", "o',
        ),
        (lambda x: {**x, "input1": x["input1"].astype(float)}, 'input "input1": expected float32'),
        (
            lambda x: {**x, "input2": x["picture"]},
            "expected int8 of shape (N, 2, 3, 1), found uint8",
        ),
        (lambda x: {**x, "picture": x["picture"][:, :1]}, "found uint8 of shape (2, 1, 3, 1)"),
        (lambda x: {**x, "input2": x["input2"][:1]}, "expected N to be 2 as in the first, found 1"),
        (lambda x: {**x, "input1": "text"}, "found str"),
        (lambda x: {**x, "input1": None}, "found NoneType"),
    ],
)
def test_other_inputs_are_refused(model: edgebin.Model, change: Any, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        model.run(change(arrays(2)))
    assert len(str(caught.value).splitlines()) == 1


def test_a_network_of_arrays_takes_no_images(tmp_path: Path) -> None:
    sketch = Sketch((1, 1, 4), "f32")
    write(network(sketch.graph(sketch.add("relu", sketch.image))), tmp_path / "reals.ebn")
    model = edgebin.load(tmp_path / "reals.ebn")
    for call in (model, model.prepare):
        with pytest.raises(InputError, match="expected a network that takes images"):
            call(np.zeros((4, 4, 3), np.uint8))
    values = np.array([[[[-1, 0, 2, 3]]]], np.float32)
    assert model.run(values).tolist() == [[0, 0, 2, 3]]
    assert model.run({model.inputs[0].name: values}).tolist() == [[0, 0, 2, 3]]


def test_an_image_beside_other_inputs_is_prepared_but_not_classified(model: edgebin.Model) -> None:
    image = np.full((9, 8, 1), 7, np.uint8)
    assert model.prepare(image).shape == (1, 2, 3, 1)
    with pytest.raises(InputError, match="expected one input to classify, found 3; what works"):
        model(image)


def test_older_networks_stay_version_2() -> None:
    sketch = Sketch((2, 2, 3))
    plain = network(sketch.graph(sketch.reals(np.random.default_rng(0))))
    assert version_for(plain) == 2
    assert version_for(three_inputs()) == 3
    assert version_for(replace(plain, preprocessing=edgebin.Preprocessing((), ()))) == 3
