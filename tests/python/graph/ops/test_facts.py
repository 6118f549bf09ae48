"""The facts of each operator against its types, in Python and in the C++ core."""

from __future__ import annotations

import numpy as np
import pytest

from edgebin import _core
from edgebin.graph.format import write
from edgebin.graph.ops import OPS, infer_types
from edgebin.graph.ops.facts import Family
from graphs.every_operator import every_operator
from graphs.sketch import network


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, set[str], str]]:
    """Operator, types of the inputs and type of the output of each node, as the core has them."""
    path = tmp_path_factory.mktemp("facts") / "every.ebn"
    write(network(every_operator()), path)
    core = _core.Model(str(path))
    dtypes = ["u8", *(layer.dtype for layer in core.layers)]
    return [(x.op, {dtypes[value] for value in x.inputs}, x.dtype) for x in core.layers]


def test_both_languages_state_the_same_families() -> None:
    families = {name: op.facts.family.name.lower() for name, op in OPS.items()}
    assert families == _core.operators()


def test_what_moves_codes_makes_codes_of_codes_alone(
    layers: list[tuple[str, set[str], str]],
) -> None:
    kept = {op for op, inputs, output in layers if inputs == {"code"} and output == "code"}
    moving = {name for name, op in OPS.items() if op.facts.moves_codes}
    assert kept - {name for name, op in OPS.items() if op.facts.is_product} == moving
    assert all(inputs == {output} for op, inputs, output in layers if op in moving)


def test_products_are_what_has_weights() -> None:
    weighted = {node.op for node in every_operator().nodes if "weights" in node.constants}
    assert weighted == {name for name, op in OPS.items() if op.facts.is_product}


def test_elementwise_operators_keep_the_shape() -> None:
    graph = every_operator()
    shapes = {name: found.shape for name, found in infer_types(graph).items()}
    for node in graph.nodes:
        if OPS[node.op].facts.is_elementwise:
            assert np.broadcast_shapes(*(shapes[v] for v in node.inputs)) == shapes[node.name]


def test_only_elementwise_operators_have_constants_of_channels() -> None:
    for op in OPS.values():
        assert not op.facts.channel_constants or op.facts.family is Family.ELEMENTWISE
