"""Batch norms over a whole batch: torch's own formula, and modules that stay what they are."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from edgebin.errors import OptionError
from edgebin.train.backend import sync_batch_norm as module
from edgebin.train.backend.distributed import World
from edgebin.train.backend.sync_batch_norm import synchronised, whole_batch_norm


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if two processes had joined."""
    monkeypatch.setattr(module, "world", lambda: World(0, 2))


@pytest.mark.parametrize(
    ("norm", "shape"),
    [
        (nn.BatchNorm2d(4), (5, 4, 3, 2)),
        (nn.BatchNorm2d(4, eps=0.1, momentum=0.3, affine=False), (5, 4, 3, 2)),
        (nn.BatchNorm1d(4, momentum=None), (6, 4)),
        (nn.BatchNorm1d(4, track_running_stats=False), (6, 4, 7)),
    ],
)
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_with_one_process_it_is_torchs_batch_norm(
    norm: _BatchNorm, shape: tuple[int, ...], kind: torch.dtype
) -> None:
    torch.manual_seed(0)
    if norm.affine:
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
    exact = kind is torch.float32

    def close(one: Tensor | None, two: Tensor | None) -> None:
        torch.testing.assert_close(
            one, two, rtol=1e-4 if exact else 2e-2, atol=1e-5 if exact else 1e-2
        )

    ours, theirs = copy.deepcopy(norm), copy.deepcopy(norm)
    for _ in range(2):
        x = (torch.randn(shape) * 3 + 2).to(kind).requires_grad_()
        z = x.detach().clone().requires_grad_()
        weight = torch.randn(shape).to(kind)
        one, two = whole_batch_norm(ours, x), theirs(z)
        assert one.dtype == two.dtype
        close(one, two)
        (one * weight).sum().backward()
        (two * weight).sum().backward()
        close(x.grad, z.grad)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        close(a.grad, b.grad)
    for c, d in zip(ours.buffers(), theirs.buffers(), strict=True):
        torch.testing.assert_close(c, d, rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        assert torch.equal(whole_batch_norm(ours.eval(), x), ours(x))


@pytest.mark.usefixtures("two")
def test_modules_stay_what_they_are() -> None:
    network = nn.Sequential(nn.BatchNorm2d(3), nn.Sequential(nn.BatchNorm1d(3), nn.ReLU()))
    classes, names = [type(m) for m in network.modules()], list(network.state_dict())
    with synchronised(network):
        assert ["forward" in m.__dict__ for m in network.modules()] == [0, 1, 0, 1, 0]
        assert [type(m) for m in network.modules()] == classes
        assert list(network.state_dict()) == names
    with pytest.raises(KeyboardInterrupt), synchronised(network):
        raise KeyboardInterrupt
    assert not any("forward" in m.__dict__ for m in network.modules())


def test_alone_nothing_is_replaced() -> None:
    network = nn.Sequential(nn.BatchNorm2d(3))
    with synchronised(network):
        assert "forward" not in network[0].__dict__


class Own(nn.BatchNorm2d):
    def forward(self, input: Tensor) -> Tensor:
        return input


@pytest.mark.usefixtures("two")
def test_a_batch_norm_with_a_forward_of_its_own_is_one_line() -> None:
    network = nn.Sequential(nn.BatchNorm2d(3), Own(3))
    with (
        pytest.raises(OptionError, match=r"1: expected a batch norm of torch\.nn .*, found Own"),
        synchronised(network),
    ):
        pass
    assert not any("forward" in m.__dict__ for m in network.modules())
