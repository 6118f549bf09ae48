"""The recipe for a new operator in ARCHITECTURE.md, followed with a sample one.

Each place that has to know an operator is named there and complains until it does. No C++ is
compiled: the sample's name is added to what the core says it knows and to the text of the list of
sources. Passes are in no list: they go by the facts that an operator states.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs PyTorch")

from torch import nn

import operator_places
from edgebin import _core
from edgebin.converter import kinds
from edgebin.exporter import evaluate, pipeline
from edgebin.exporter.dialect import DIALECT
from edgebin.graph import reference
from edgebin.graph.ir import Array, Graph, Node, ValueType
from edgebin.graph.ops import OPS, Op
from edgebin.graph.ops.elementwise.define import elementwise
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.signature import output_type, require_inputs
from edgebin.nn import HWGQ, BinaryConv2d
from graphs.dialect_graphs import EVEN, captured, outputs
from graphs.sketch import Sketch
from operator_places import PLACES, missing

# Two operators, written as ARCHITECTURE.md says; `turn` moves codes.
NEGATE = elementwise("negate", lambda node, x: -np.asarray(x, np.float32))


def infer_turn(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    require_inputs(node, types, ("code", "f32"))
    return output_type(node, types[0].dtype, types[0].shape)


def turn(_node: Node, inputs: tuple[Array, ...]) -> Array:
    return inputs[0][:, ::-1, ::-1]


TURN = Op("turn", infer_turn, turn, Facts(Family.REARRANGEMENT))
SAMPLES = (NEGATE, TURN)


@contextmanager
def added(op: Op) -> Iterator[pytest.MonkeyPatch]:
    """A tree in which the operator has its Python file and its line in OPS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(OPS, op.name, op)
        yield patch


def steps(op: Op, patch: pytest.MonkeyPatch) -> dict[str, object]:
    """Return, file by file, what adds the operator there; each is a function without arguments."""
    stored = operator_places.text_of
    texts: dict[str, str] = {}

    def text_of(path: str) -> str:
        return texts.get(path) or stored(path)

    def write(path: str, text: str) -> None:
        texts[path] = text
        patch.setattr(operator_places, "text_of", text_of)

    def row() -> None:
        write(
            "FORMAT.md",
            text_of("FORMAT.md").replace("| `relu` |", f"| `{op.name}` | | | |\n| `relu` |"),
        )

    def source() -> None:
        path = "csrc/ops/CMakeLists.txt"
        write(path, text_of(path).replace("  softmax.cc", f"  {op.name}.cc\n  softmax.cc"))

    def case(path: str) -> None:
        write(path, f"{text_of(path)}\nsketch.add('{op.name}')\n")

    core = (*_core.operators(), op.name)
    tests = [path for path in PLACES if path.endswith(".py") and path.startswith("tests/")]
    tested = operator_places.cases() | {op.name}
    return {
        "FORMAT.md": row,
        "csrc/ops/CMakeLists.txt": source,
        "csrc/ops/list.cc": lambda: patch.setattr(_core, "operators", lambda: list(core)),
        "python/edgebin/exporter/evaluate.py": lambda: patch.setitem(
            evaluate.RULES,
            op.name,
            (lambda node, x: -x[0]) if op is NEGATE else (lambda node, x: x[0].flip(2, 3)),
        ),
        "python/edgebin/converter/kinds.py": lambda: patch.setitem(
            kinds.OPERATORS,
            "same",
            (op.name,),
        ),
        "tests/python/graph/ops": lambda: patch.setitem(
            PLACES, "tests/python/graph/ops", lambda: tested
        ),
        **{path: (lambda path=path: case(path)) for path in tests},
    }


def test_every_operator_is_known_everywhere() -> None:
    assert missing() == set()


@pytest.mark.parametrize("op", SAMPLES, ids=lambda op: op.name)
def test_each_place_complains_until_it_knows_the_operator(op: Op) -> None:
    with added(op) as patch:
        todo = steps(op, patch)
        if op is NEGATE:  # conversion asks only for what moves codes
            del todo["python/edgebin/converter/kinds.py"]
        while todo:
            assert missing() == {(path, op.name) for path in todo}
            _, step = todo.popitem()
            step()  # type: ignore[operator]
        assert missing() == set()
    assert missing() == set()


def test_the_recipe_names_every_place() -> None:
    (recipe,) = re.findall(
        r"^- \*\*An operator:\*\*.*?(?=^- \*\*)",
        operator_places.text_of("ARCHITECTURE.md"),
        re.MULTILINE | re.DOTALL,
    )
    for path in (*PLACES, "python/edgebin/graph/ops/FOLDER/NAME.py", "csrc/ops/FOLDER/NAME.cc"):
        assert f"`{path}`" in recipe, path


def test_an_operator_without_facts_is_an_error() -> None:
    with pytest.raises(TypeError, match="facts"):
        Op("turn", infer_turn, turn)  # type: ignore[call-arg]


def test_the_oracle_and_the_float64_rule_agree_on_the_sample() -> None:
    with added(NEGATE) as patch:
        steps(NEGATE, patch)["python/edgebin/exporter/evaluate.py"]()  # type: ignore[operator]
        sketch = Sketch((3, 4, 2))
        graph = sketch.graph(sketch.add("negate", sketch.reals(np.random.default_rng(0))))
        pixels = np.random.default_rng(1).integers(0, 256, (2, 3, 4, 2), np.uint8)
        (found,) = reference.run(graph, pixels)
        (wanted,) = outputs(graph, pixels)
        np.testing.assert_allclose(found, wanted.permute(0, 2, 3, 1), rtol=1e-6)


def test_passes_move_codes_through_the_sample_by_its_facts_alone() -> None:
    """The layer behind it reads codes and gives codes: the form that runs fastest."""
    model = nn.Sequential(
        *(nn.Conv2d(3, 4, 1), HWGQ(), nn.ReLU()),
        *(BinaryConv2d(4, 4, 1), HWGQ(), BinaryConv2d(4, 2, 1)),
    )
    with added(TURN) as patch:
        steps(TURN, patch)["python/edgebin/exporter/evaluate.py"]()  # type: ignore[operator]
        graph = captured(model, preprocessing=EVEN)
        (relu,) = (node for node in graph.nodes if node.op == "relu")
        nodes = tuple(
            Node("turn", node.name, node.inputs) if node is relu else node for node in graph.nodes
        )
        turned: Graph = graph.with_nodes(nodes)
        lowered = pipeline.lower(turned)
        (moved,) = (node for node in lowered.nodes if node.op == "turn")
        (reader,) = lowered.users(moved.name)
        assert lowered.node(moved.inputs[0]).op == "quantize"
        assert "thresholds" in reader.constants


def test_every_operator_of_the_dialect_has_a_float64_rule() -> None:
    assert set(DIALECT) <= set(evaluate.RULES)
    assert set(DIALECT).isdisjoint(OPS)
