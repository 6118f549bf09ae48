"""Forwards that ask for shapes are traced; those that ask for the numbers in a tensor are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import edgebin
from edgebin.converter.trace import trace
from edgebin.errors import ExportError

X = torch.rand(6, 3, 12, 12)


class Asking(nn.Module):
    """A convolutional network whose forward begins with a function of the image."""

    def __init__(self, ask: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.ask = ask
        self.a, self.b, self.head = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3), nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.ask(x)
        logits: Tensor = self.head(F.relu(self.b(F.relu(self.a(x)))).mean((2, 3)))
        return logits


def _asserts(x: Tensor) -> Tensor:
    assert x.dim() == 4, "expected a batch"
    assert x.ndim == 4
    assert x.shape[1] == 3
    return x


def _chooses(x: Tensor) -> Tensor:
    return x * 2 if x.shape[-1] > 8 else x - 1


def _raises(x: Tensor) -> Tensor:
    if x.size(2) != x.size(3) or x.shape[1] not in (1, 3):
        raise ValueError("expected a square image")
    return x


def _unpacks(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    return x.reshape(n, c, h * w).reshape(n, c, h, w) if len(x.shape) == 4 and h == w else x


def _loops(x: Tensor) -> Tensor:
    for _ in range(x.shape[1]):
        x = x / 2
    return x


def _counts(x: Tensor) -> Tensor:
    return x if int(x.numel() / x.size(0)) == 432 else x + 1


def _checks_type(x: Tensor) -> Tensor:
    return x / 255 if x.dtype == torch.uint8 else x


ASK = {
    f.__name__: f for f in (_asserts, _chooses, _raises, _unpacks, _loops, _counts, _checks_type)
}


@pytest.mark.parametrize("name", ASK)
def test_what_only_asks_for_shapes_is_converted(name: str) -> None:
    torch.manual_seed(0)
    model = Asking(ASK[name]).eval()
    conversion = edgebin.convert(model, X, weights="float32")
    assert [row.name for row in conversion.layers if row.was == "Conv2d"] == ["a", "b"]
    graph = trace(model, X[:2])
    torch.testing.assert_close(graph(X), model(X))


BY_VALUE: dict[str, Callable[[Tensor], Tensor]] = {
    "sum": lambda x: x if x.sum() > 0 else -x,
    "any": lambda x: x if (x > 0).any() else -x,
    "length of nonzero": lambda x: x if len(x.nonzero()) else -x,
}


@pytest.mark.parametrize("name", BY_VALUE)
def test_what_asks_for_numbers_is_refused(name: str) -> None:
    model = Asking(BY_VALUE[name]).eval()
    with pytest.raises(ExportError):
        edgebin.convert(model, X)
    with pytest.raises(ExportError) as caught:
        edgebin.convert(model, X, exportable=False)
    assert "\n" not in str(caught.value)
