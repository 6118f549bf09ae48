"""The one way to write each thing computes the same, whatever was overwritten in place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.converter.canonicalize import canonicalize
from edgebin.converter.kinds import kind_of
from edgebin.converter.trace import record_shapes, trace


class Of(nn.Module):
    def __init__(self, function: Callable[[Tensor, nn.Module], Tensor]) -> None:
        super().__init__()
        self.conv, self.function = nn.Conv2d(3, 4, 3), function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, self.conv)


def _later(x: Tensor, conv: nn.Module) -> Tensor:
    y: Tensor = conv(x)
    z = F.relu(y, inplace=True)
    return z + y


def _before(x: Tensor, conv: nn.Module) -> Tensor:
    y: Tensor = conv(x)
    twice = y + y
    return twice + y.relu_()


def _sum(x: Tensor, conv: nn.Module) -> Tensor:
    y: Tensor = conv(x)
    z = F.relu(y)
    y.add_(z)
    return torch.relu_(y) - z


FUNCTIONS: dict[str, Callable[[Tensor, nn.Module], Tensor]] = {
    "later readers": _later,
    "earlier readers": _before,
    "sum in place": _sum,
    "view": lambda x, conv: conv(x).relu_().view(x.size(0), -1),
    "same size": lambda x, conv: F.adaptive_avg_pool2d(F.relu(conv(x)), 10),
    "relu then pool": lambda x, conv: F.max_pool2d(F.relu6(conv(x)), 3, 2, 1, ceil_mode=True),
    "pool beside": lambda x, conv: F.max_pool2d(y := F.relu(conv(x)), 3, 1, 1) + y,
}


RELUS: dict[str, Callable[[Tensor, nn.Module], Tensor]] = {
    "clamp": lambda x, conv: conv(x).clamp(min=0),
    "clamp in place": lambda x, conv: conv(x).clamp_(0),
    "clip": lambda x, conv: torch.clip(conv(x), 0.0),
    "clamp_min": lambda x, conv: torch.clamp_min(conv(x), 0),
    "clamp to 6": lambda x, conv: torch.clamp(conv(x), 0, 6),
    "threshold": lambda x, conv: F.threshold(conv(x), 0, 0),
    "hardtanh": lambda x, conv: F.hardtanh(conv(x), 0.0, 6.0),
    "maximum": lambda x, conv: torch.maximum(conv(x), torch.tensor(0.0)),
    "maximum of zeros": lambda x, conv: torch.maximum(torch.zeros(1), conv(x)),
    "max of zeros like": lambda x, conv: (y := conv(x)).max(torch.zeros_like(y)),
    "module": lambda x, conv: conv(x),
}
NO_RELUS: dict[str, Callable[[Tensor, nn.Module], Tensor]] = {
    "clamp to 5": lambda x, conv: conv(x).clamp(0, 5),
    "clamp from below": lambda x, conv: conv(x).clamp(min=-1),
    "max of a dimension": lambda x, conv: conv(x).max(1)[0],
    "threshold above": lambda x, conv: F.threshold(conv(x), 0.5, 0),
    "maximum of two": lambda x, conv: torch.maximum(conv(x), x.mean()),
}


@pytest.mark.parametrize("name", RELUS)
def test_a_relu_has_one_spelling(name: str) -> None:
    torch.manual_seed(0)
    model, x = Of(RELUS[name]).eval(), torch.randn(2, 3, 12, 12) * 5
    if name == "module":
        model.conv = nn.Sequential(model.conv, nn.Hardtanh(0, float("inf")))  # type: ignore[assignment]
    graph = trace(model, x)
    record_shapes(graph, x)
    canonicalize(graph)
    assert torch.equal(graph(x), model(x))
    kinds = [kind_of(graph, node) for node in graph.graph.nodes]
    assert len([kind for kind in kinds if kind in ("relu", "relu6")]) == 1


@pytest.mark.parametrize("name", NO_RELUS)
def test_other_clips_are_no_relus(name: str) -> None:
    model, x = Of(NO_RELUS[name]).eval(), torch.randn(2, 3, 12, 12)
    graph = trace(model, x)
    record_shapes(graph, x)
    canonicalize(graph)
    assert torch.equal(graph(x), model(x))
    assert not {"relu", "relu6"} & {kind_of(graph, node) for node in graph.graph.nodes}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_function_stays(name: str) -> None:
    torch.manual_seed(0)
    model, x = Of(FUNCTIONS[name]).eval(), torch.randn(2, 3, 12, 12) * 5
    graph = trace(model, x)
    record_shapes(graph, x)
    canonicalize(graph)
    assert torch.equal(graph(x), model(x))
    assert not any(call in graph.code for call in ("relu_(", "add_(", "inplace = True"))


def test_relus_come_after_pools_that_alone_read_them() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(True), nn.MaxPool2d(2), nn.MaxPool2d(2))
    graph = trace(model.eval(), torch.randn(2, 3, 12, 12))
    record_shapes(graph, torch.randn(2, 3, 12, 12))
    canonicalize(graph)
    calls = [str(node.target) for node in graph.graph.nodes if node.op == "call_module"]
    assert calls == ["0", "2", "3", "1"]
