"""What is written comes back from `read`: every field, every bit of every constant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgebin import _core
from edgebin.errors import ModelFileError
from edgebin.graph.format import encode, read, write
from edgebin.graph.ir import Array, Graph, Network, SelfTestCase
from edgebin.graph.ops import infer_types
from edgebin.graph.preprocessing import Preprocessing
from graphs.sketch import Sketch, f32
from graphs.strategies import PRODUCTS, Case, convolutions

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
f32s = st.floats(-(2.0**20), 2.0**20, width=32)
positive = st.floats(2.0**-20, 2.0**20, width=32)


u32s = st.integers(0, 2**32 - 1)


def cases(values: int) -> st.SearchStrategy[SelfTestCase]:
    hashes = st.lists(u32s, min_size=values, max_size=values).map(tuple)
    return st.builds(SelfTestCase, u32s, hashes)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    case: Case = draw(convolutions(draw(st.sampled_from(PRODUCTS))))
    channels = case.graph.input_shape[2]
    classes = infer_types(case.graph)[case.graph.outputs[0]].shape[2]
    return Network(
        name=draw(texts),
        graph=case.graph,
        preprocessing=Preprocessing.unchecked(
            mean=tuple(draw(f32s) for _ in range(channels)),
            scale=tuple(draw(positive) for _ in range(channels)),
            resize=draw(st.sampled_from((0, 1, 256, 2**24))),
            filter=draw(st.sampled_from(("nearest", "bilinear", "bicubic", "lanczos"))),
            colour=draw(st.sampled_from(("rgb", "bgr", "grey"))),
        ),
        labels=tuple(draw(st.lists(texts, max_size=min(5, classes)))),
        self_test=tuple(draw(st.lists(cases(1 + len(case.graph.nodes)), max_size=3))),
    )


@given(network=networks())
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, network: Network) -> None:
    path = tmp_path_factory.mktemp("round") / "trip.ebn"
    write(network, path)
    found = read(path)
    assert_same_graph(found.graph, network.graph)
    assert (found.name, found.labels) == (network.name, network.labels)
    assert found.self_test == network.self_test
    ours, theirs = network.preprocessing, found.preprocessing
    assert (theirs.resize, theirs.filter, theirs.colour) == (ours.resize, ours.filter, ours.colour)
    for field in ("mean", "scale"):
        np.testing.assert_array_equal(
            np.float32(getattr(theirs, field)), np.float32(getattr(ours, field))
        )
    assert encode(found) == path.read_bytes()


def assert_same_graph(found: Graph, expected: Graph) -> None:
    assert (found.input_name, found.input_shape) == (expected.input_name, expected.input_shape)
    assert found.outputs == expected.outputs
    assert len(found.nodes) == len(expected.nodes)
    for ours, theirs in zip(expected.nodes, found.nodes, strict=True):
        assert (theirs.op, theirs.name, theirs.inputs) == (ours.op, ours.name, ours.inputs)
        assert dict(theirs.attributes) == dict(ours.attributes)
        assert set(theirs.constants) == set(ours.constants)
        for role, array in ours.constants.items():
            back = theirs.constants[role]
            assert (back.dtype, back.shape) == (array.dtype, array.shape), role
            assert back.tobytes() == array.tobytes(), role


def test_decimals_come_back_as_they_were(tmp_path: Path) -> None:
    """The file holds f32; what comes back is 0.4914, not 0.49140000343322754."""
    sketch = Sketch((2, 2, 3))
    graph = sketch.graph(sketch.reals(np.random.default_rng(0)))
    says = Preprocessing((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616))
    path = tmp_path / "decimals.ebn"
    write(Network("decimals", graph, says), path)
    assert read(path).preprocessing == says


def test_header_facts(tmp_path: Path) -> None:
    """What the C++ core tells beside the graph: producer, outputs, sizes, bits of weights."""
    rng = np.random.default_rng(1)
    sketch = Sketch((3, 3, 5))
    first: dict[str, Array] = {
        "weights": rng.integers(-9, 9, (4, 3, 3, 5)).astype(np.int8),
        "scale": f32(rng, 4),
        "zero": np.zeros(5, np.int32),
    }
    x = sketch.add("conv", sketch.image, constants=first)
    y = sketch.add("linear", x, constants={"weights": f32(rng, 2, 4), "bias": f32(rng, 2)})
    codes = sketch.add("flatten", sketch.codes())
    bits = {"weights": rng.integers(0, 2, (7, 45)) > 0, "scale": f32(rng, 7)}
    z = sketch.add("linear", codes, constants=bits)
    path = tmp_path / "facts.ebn"
    network = Network("facts", sketch.graph(y, z), Preprocessing((0,) * 5, (1,) * 5))
    write(network, path, producer="a test")
    model = _core.Model(str(path))
    assert model.info.producer == "a test"
    assert [(output.name, output.value) for output in model.info.outputs] == [(y, 2), (z, 6)]
    assert model.info.file_bytes == path.stat().st_size
    facts = {layer.name: (layer.weight_bits, layer.constant_bytes) for layer in model.layers}
    assert (facts[x], facts[y], facts[z]) == (
        (8, 180 + 16 + 20),
        (32, 32 + 8),
        (1, 7 * 6 + 28),
    )
    assert facts[codes] == (0, 0)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"nothing\.ebn"):
        read(tmp_path / "nothing.ebn")
