"""What is no node of FORMAT.md is refused in one line, by Python and by C++ alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import edgebin.graph.format
from edgebin import _core
from edgebin.errors import ModelFileError
from edgebin.graph.ir import Array, Graph, Node
from edgebin.graph.ops import OPS, infer_types
from edgebin.graph.task import Task
from graphs.every_operator import every_operator
from graphs.sketch import network

WHOLE = every_operator()


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the writer write what Python refuses, for C++ to refuse it too."""
    monkeypatch.setattr(edgebin.graph.format, "infer_types", lambda graph: {})
    monkeypatch.setattr(edgebin.graph.format, "version_for", lambda network: 3)


Refusal = ModelFileError | None


def refusal(graph: Graph, path: Path) -> tuple[Refusal, Refusal]:
    """Return what Python and what C++ say against `graph`; None where they accept it."""
    ours: Refusal = None
    theirs: Refusal = None
    try:
        infer_types(graph)
    except ModelFileError as error:
        ours = error
    edgebin.graph.format.write(replace(network(graph), task=Task("raw")), path)
    try:
        _core.Model(str(path))
    except ModelFileError as error:
        theirs = error
    return ours, theirs


def changed(index: int, **changes: object) -> Graph:
    """Return the whole graph with one node changed."""
    nodes = list(WHOLE.nodes)
    nodes[index] = replace(nodes[index], **changes)  # type: ignore[arg-type]
    return WHOLE.with_nodes(tuple(nodes))


def test_whole_graph_holds_every_operator() -> None:
    assert {node.op for node in WHOLE.nodes} == set(OPS)
    infer_types(WHOLE)


def test_both_languages_know_the_same_operators() -> None:
    assert sorted(OPS) == sorted(_core.operators())


NUMBERS = (-(2**31), -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 4095, 4096, 4097, 2**24, 2**24 + 1, 2**31 - 1)
KEYS = (
    "kernel_h", "kernel_w", "stride_h", "stride_w", "dilation_h", "dilation_w", "pad_top",
    "pad_left", "pad_bottom", "pad_right", "groups", "include_pad", "out_h", "out_w", "axis",
    "over_h", "over_w", "over_c", "h_begin", "h_end", "h_step", "w_end", "c_begin", "c_step",
    "mode", "out_c", "axis_0", "axis_1", "axis_2", "block", "exact", "align_corners",
)  # fmt: skip
ROLES = (
    "weights", "thresholds", "scale", "bias", "zero", "sign", "step", "eps", "min", "max", "slope",
    "alpha", "table", "value", "channels",
)  # fmt: skip
SHAPES = ((1,), (3,), (4,), (6,), (4, 3), (6, 3), (3, 3), (3, 120), (6, 3, 3, 2), (6, 1, 1, 4))


@st.composite
def constants(draw: st.DrawFn) -> Array:
    dtype = draw(st.sampled_from((np.bool_, np.int8, np.int16, np.int32, np.float32)))
    values = draw(st.sampled_from(((0, 1, 2), (1, 1, 1), (1, -1, 1), (2, 1, 0))))
    array: Array = np.resize(np.array(values), draw(st.sampled_from(SHAPES))).astype(dtype)
    if dtype == np.float32 and draw(st.booleans()):
        array.flat[0] = draw(st.sampled_from((np.nan, np.inf, -np.inf)))
    return array


@st.composite
def mutants(draw: st.DrawFn) -> Graph:
    """Draw the whole graph with one thing in one node changed."""
    index = draw(st.integers(0, len(WHOLE.nodes) - 1))
    node = WHOLE.nodes[index]
    names = (WHOLE.input_name, *(n.name for n in WHOLE.nodes))
    kinds = ("op", "name", "inputs", "outputs", "attribute", "constant", "silent", "bare")
    what = draw(st.sampled_from(kinds))
    if what == "op":
        return changed(index, op=draw(st.sampled_from((*OPS, "Conv", ""))))
    if what == "inputs":
        return changed(index, inputs=draw(st.lists(st.sampled_from(names), max_size=3).map(tuple)))
    if what == "name":
        last = changed(len(WHOLE.nodes) - 1, name=draw(st.sampled_from(names)))
        return replace(last, outputs=WHOLE.outputs[1:])  # so nothing refers to the old name
    if what == "outputs":
        return replace(WHOLE, outputs=draw(st.lists(st.sampled_from(names), max_size=3).map(tuple)))
    if what == "attribute":
        value = {draw(st.sampled_from(KEYS)): draw(st.sampled_from(NUMBERS))}
        return changed(index, attributes={**node.attributes, **value})
    if what == "constant":
        array = {draw(st.sampled_from(ROLES)): draw(constants())}
        return changed(index, constants={**node.constants, **array})
    kept = dict(node.attributes if what == "silent" else node.constants)
    if kept:
        del kept[draw(st.sampled_from(sorted(kept)))]
    return changed(index, **{"attributes" if what == "silent" else "constants": kept})


@pytest.mark.usefixtures("unchecked")
def test_both_languages_refuse_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("mutants") / "mutant.ebn"
    counts = {True: 0, False: 0}

    @given(graph=mutants())
    @example(graph=with_attribute(node_of("slice"), "w_begin", 2))  # is right, too
    def agree(graph: Graph) -> None:
        ours, theirs = refusal(graph, path)
        counts[ours is None] += 1
        assert (ours is None) == (theirs is None), (ours, theirs)
        assert "\n" not in f"{ours}{theirs}"
        if ours is not None and theirs is not None:
            assert ours.code in _core.codes()
            # A name that is there twice is written as the number of its last bearer.
            if (ours.code, theirs.code) != ("node.name", "node.value"):
                assert ours.code == theirs.code, (ours, theirs)
            assert str(theirs).startswith(f"{path}: ")
            assert str(theirs).endswith(f" [{theirs.code}]")

    agree()
    assert min(counts.values()) > 0


def node_of(op: str, *, occurrence: int = 0) -> int:
    """Return the number of the n-th node of that operator."""
    return [i for i, node in enumerate(WHOLE.nodes) if node.op == op][occurrence]


CODED, BYTES, RAW = (node_of("conv", occurrence=i) for i in range(3))
WEIGHTS = WHOLE.nodes[CODED].constants["weights"]


def with_constant(index: int, role: str, array: Array) -> Graph:
    return changed(index, constants={**WHOLE.nodes[index].constants, role: array})


def with_attribute(index: int, key: str, value: int) -> Graph:
    return changed(index, attributes={**WHOLE.nodes[index].attributes, key: value})


CASES: dict[str, tuple[Graph, str]] = {
    "unknown operator": (changed(CODED, op="convolution"), "unknown operator"),
    "channels": (
        with_constant(CODED, "weights", WEIGHTS[..., :1]),
        "weights have 1 channels in each of 2 groups, input has 4",
    ),
    "groups": (
        changed(
            CODED,
            constants={"weights": WEIGHTS[:5], "thresholds": np.zeros((5, 3), np.int16)},
        ),
        "groups divide the output channels, found 2 and 5",
    ),
    "weights of pixels": (
        with_constant(RAW, "weights", WEIGHTS.astype(np.float32)),
        'constant "weights" is s8 or bit, found f32',
    ),
    "thresholds for s8": (
        with_constant(BYTES, "thresholds", np.zeros((6, 3), np.int16)),
        'takes no constant "thresholds"',
    ),
    "descending": (
        with_constant(CODED, "thresholds", np.array([[1, 2, 3]] * 4 + [[2, 1, 3]] * 2, np.int16)),
        "thresholds of channel 4 ascend, found 2, 1, 3",
    ),
    "zero": (
        with_constant(RAW, "zero", np.array([0, 1, 2**24 + 1, 0], np.int32)),
        "zero is 0 to 16777216, found 0 to 16777217",
    ),
    "window": (with_attribute(CODED, "dilation_h", 4), "window spans 9x3, padded input has 7x6"),
    "range": (with_attribute(CODED, "stride_h", 0), "stride_h is 1 to 4096, found 0"),
    "unknown key": (with_attribute(CODED, "kernel_h", 3), 'takes no attribute "kernel_h"'),
    "padding": (
        with_attribute(node_of("max_pool"), "pad_bottom", 3),
        "padding is less than the window's 3 (kernel_h, dilated), found 3",
    ),
    "one input": (
        changed(node_of("concat"), inputs=(WHOLE.nodes[0].name,)),
        "takes two or more inputs, has 1",
    ),
    "add": (
        changed(node_of("add"), inputs=(WHOLE.nodes[CODED].name,) * 2),
        "takes f32, input is code",
    ),
    "no axis": (
        changed(node_of("reduce_sum"), attributes={"over_h": 0}),
        "one of over_h, over_w and over_c is expected to be 1, found none",
    ),
    "groups of channels": (
        with_attribute(node_of("group_norm"), "groups", 3),
        "groups divide the channels, found 3 and 4",
    ),
    "eps": (
        with_constant(node_of("layer_norm"), "eps", np.array([-1.0], np.float32)),
        "eps is at least 0, found -1.0",
    ),
    "reflection": (
        with_attribute(node_of("pad"), "pad_left", 5),
        "pad_left of mode 1 is at most 4, found 5 beside 5 positions",
    ),
    "period": (
        with_attribute(node_of("pad", occurrence=1), "pad_top", 7),
        "pad_top of mode 3 is at most 6, found 7 beside 6 positions",
    ),
    "value of codes": (
        with_constant(node_of("pad"), "value", np.array([1.0], np.float32)),
        'takes no constant "value"',
    ),
    "value": (
        with_constant(node_of("pad", occurrence=2), "value", np.array([np.nan], np.float32)),
        "value is a number, found NaN",
    ),
    "slice": (with_attribute(node_of("slice"), "h_end", 1), "h_end is 2 to 6, found 1"),
    "elements": (
        with_attribute(node_of("reshape"), "out_c", 11),
        "takes as many elements as its output has, found code 6x5x4 and code 3x4x11",
    ),
    "axes": (
        with_attribute(node_of("transpose"), "axis_1", 1),
        "axis_0, axis_1 and axis_2 are a permutation of 0, 1 and 2, found 2, 1, 1",
    ),
    "channel": (
        with_constant(node_of("take_channels"), "channels", np.array([0, 4], np.int32)),
        "channels are 0 to 3, found 4 at 1",
    ),
    "blocks of channels": (
        with_attribute(node_of("depth_to_space"), "block", 3),
        "takes a multiple of 9 channels, found code 6x5x4",
    ),
    "blocks of pixels": (
        with_attribute(node_of("space_to_depth"), "block", 4),
        "takes multiples of 4 as height and width, found code 4x6x4",
    ),
    "later value": (changed(CODED, inputs=(WHOLE.nodes[-1].name,)), "which no earlier node makes"),
    "name": (changed(CODED, name=WHOLE.input_name), "name is taken by an earlier value"),
    "output": (replace(WHOLE, outputs=(WHOLE.nodes[CODED].name,)), "is f32, found code 3x4x6"),
    "no output": (replace(WHOLE, outputs=()), "graph has no output, expected at least one"),
}


@pytest.mark.parametrize(("graph", "message"), CASES.values(), ids=CASES)
def test_message(graph: Graph, message: str) -> None:
    with pytest.raises(ModelFileError) as refused:
        infer_types(graph)
    assert message in str(refused.value)


def test_row_of_pixels_is_bounded() -> None:
    """2^16 weights and no more, for the i32's sake."""
    constants = {
        "weights": np.ones((1, 65_537), np.bool_),
        "scale": np.ones(1, np.float32),
        "zero": np.zeros(65_537, np.int32),
    }
    nodes = (Node("linear", "fc", ("picture",), constants),)
    with pytest.raises(ModelFileError, match="at most 65536 elements, found 65537"):
        infer_types(Graph.of_image("picture", (1, 1, 65_537), nodes, ("fc",)))
