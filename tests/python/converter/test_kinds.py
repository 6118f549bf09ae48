"""What conversion takes a layer for, against what export makes of the same layer."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from edgebin.converter.kinds import LEFT, MOVES_CODES, OPERATORS, PRODUCTS, kind_of
from edgebin.converter.trace import record_shapes, trace
from edgebin.graph.ops import OPS
from graphs.dialect_graphs import captured

LAYERS: dict[str, tuple[nn.Module, str]] = {
    "conv": (nn.Conv2d(4, 4, 1), "conv"),
    "linear": (nn.Sequential(nn.Flatten(), nn.Linear(144, 2)), "linear"),
    "relu": (nn.ReLU(), "relu"),
    "max pool": (nn.MaxPool2d(2), "max_pool"),
    "adaptive max pool": (nn.AdaptiveMaxPool2d((4, 5)), "max_pool"),
    "resize": (nn.Upsample(scale_factor=2), "resize"),
    "border": (nn.ReflectionPad2d(1), "border"),
    "shuffle": (nn.ChannelShuffle(2), "shuffle"),
    "flatten": (nn.Sequential(nn.Flatten(), nn.Linear(144, 2)), "flatten"),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_kind_is_exported_as_its_operators(name: str) -> None:
    layer, kind = LAYERS[name]
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.MaxPool2d(2), layer).eval()
    graph = trace(model, torch.zeros(2, 3, 12, 12))
    record_shapes(graph, torch.zeros(2, 3, 12, 12))
    assert kind in [kind_of(graph, node) for node in graph.graph.nodes]
    made = {node.op.removesuffix("_chw") for node in captured(model).nodes}
    assert made & set(OPERATORS[kind])


def test_facts_come_from_the_table_of_operators() -> None:
    assert set(PRODUCTS) == {"conv", "linear"}
    assert set(MOVES_CODES) == {
        *("same", "max_pool", "flatten", "concat"),
        *("resize", "border", "shuffle"),
    }
    known = {name for names in (*OPERATORS.values(), LEFT) for name in names}
    assert {name for name, op in OPS.items() if op.facts.moves_codes} <= known
