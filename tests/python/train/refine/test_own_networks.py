"""Networks that are not edgebin's: written by hand, with all that users do, and converted ones."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import edgebin
from edgebin.errors import OptionError
from edgebin.nn import HWGQ, BinaryConv2d, BinaryLinear
from edgebin.train.data.source import DataSet
from edgebin.train.refine import Pictures, RefineOptions, refine
from edgebin.train.refine.head import refit_head
from edgebin.train.refine.options import TARGETS

OPTIONS = RefineOptions(pictures=15, holdout=9, batch_size=7, positions=20)


class Own(nn.Module):
    """Sums in place, views, a norm without statistics, dropout, reals into a binary layer."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.free = nn.BatchNorm2d(6, track_running_stats=False)
        self.act = HWGQ()
        self.conv = BinaryConv2d(6, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.pool = nn.AvgPool2d(4)
        self.linear = BinaryLinear(24, 12)
        self.norm1d = nn.BatchNorm1d(12)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        y = self.stem(x)
        z = self.conv(self.act(self.free(y)))
        z += y
        x = self.linear(self.pool(self.norm(z)).view(len(z), -1))
        logits: Tensor = self.head(self.drop(self.act(self.norm1d(x))))
        return logits


class Tokens(nn.Module):
    """Binary linear layers over sequences (N, T, values)."""

    def __init__(self) -> None:
        super().__init__()
        self.act = HWGQ()
        self.first = BinaryLinear(8, 8)
        self.second = BinaryLinear(8, 8, bias=False)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        x = self.act(self.first(self.act(x.flatten(1, 2))))
        logits: Tensor = self.head(self.second(x).mean(1))
        return logits


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("make", [Own, Tokens])
def test_networks_written_by_hand(
    data: DataSet, make: Callable[[], nn.Module], target: str
) -> None:
    torch.manual_seed(1)
    network = make()
    options = RefineOptions(
        target=target, pictures=15, holdout=9, batch_size=7, positions=20, keep="all"
    )
    results = refine(network, Pictures(data, options), options)
    assert [result.layer for result in results] == [
        name
        for name, layer in network.named_modules()
        if isinstance(layer, (BinaryConv2d, BinaryLinear))
    ]
    assert sum(result.flips for result in results) > 0
    assert all(value.isfinite().all() for value in network.state_dict().values())


def _float_network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True)),
        nn.MaxPool2d(2),
        *(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True)),
        *(nn.Dropout(0.5), nn.Flatten(), nn.Linear(128, 16), nn.ReLU(), nn.Linear(16, 3)),
    ).eval()


@pytest.mark.parametrize("target", TARGETS)
def test_converted_networks(data: DataSet, target: str) -> None:
    model = _float_network()
    options = RefineOptions(
        target=target, pictures=30, holdout=9, batch_size=10, positions=16, keep="all"
    )
    pictures = Pictures(data, options)
    x = torch.cat(list(pictures.inputs()))
    network = edgebin.convert(model, x).network
    teacher = edgebin.convert(model, x, weights="float32").network

    def error() -> float:
        with torch.no_grad():
            return float((network(x) - teacher(x)).square().mean())

    by_sign = error()
    results = refine(network, pictures, options, teacher=teacher)
    assert [result.layer for result in results] == ["4", "9"]
    assert all(result.flips for result in results)
    if target != "loss":
        assert error() < 0.8 * by_sign
    head = refit_head(network, pictures)
    assert head is not None
    assert head.layer == "11"


def test_a_refined_converted_network_is_exported(data: DataSet, tmp_path: Path) -> None:
    pictures = Pictures(data, OPTIONS)
    x = next(pictures.inputs())
    network = edgebin.convert(_float_network(), x).network
    refine(network, pictures, OPTIONS)
    how = edgebin.Preprocessing((0.5,) * 3, (0.25,) * 3)
    path = tmp_path / "refined.ebn"
    edgebin.export(network, x[:1], path, labels=("a", "b", "c"), preprocessing=how)
    assert edgebin.load(path).run(np.zeros((2, 8, 8, 3), np.uint8)).shape == (2, 3)


class _Keyword(Own):
    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        y: Tensor = self.conv(input=self.act(self.stem(x)))
        return y.mean((2, 3))


class _Wider(Own):
    def __init__(self) -> None:
        super().__init__()
        self.conv.padding = (2, 2)
        self.pool = nn.AvgPool2d(5)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        x = self.pool(self.norm(self.conv(self.act(self.stem(x)))))
        logits: Tensor = self.head(self.act(self.linear(x.flatten(1))))
        return logits


class _Idle(Own):
    def forward(self, x: Tensor) -> Tensor:
        """Something else."""
        logits: Tensor = self.stem(x).mean((2, 3))
        return logits


def test_what_cannot_be_refined_is_named_before_anything_changes(data: DataSet) -> None:
    pictures = Pictures(data, OPTIONS)
    circular = Own()
    circular.conv.padding_mode = "circular"
    with pytest.raises(OptionError, match=r"^conv: found padding_mode 'circular'; what works: "):
        refine(circular, pictures, OPTIONS)
    with pytest.raises(OptionError, match=r"^conv: expected its input by position, found a key"):
        refine(_Keyword(), pictures, OPTIONS)


def test_a_teacher_that_answers_elsewhere_is_named(data: DataSet) -> None:
    pictures = Pictures(data, OPTIONS)
    with pytest.raises(OptionError, match=r"^teacher: expected 64 positions in conv .*found 100$"):
        refine(Own(), pictures, OPTIONS, teacher=_Wider())
    with pytest.raises(OptionError, match=r"^conv: expected a layer that the forward pass runs"):
        refine(Own(), pictures, OPTIONS, teacher=_Idle())


def test_a_teacher_in_training_mode_is_not_trained(data: DataSet) -> None:
    teacher = Own().train()
    before = copy.deepcopy(teacher.state_dict())
    refine(Own(), Pictures(data, OPTIONS), OPTIONS, teacher=teacher)
    assert not teacher.training
    for name, value in teacher.state_dict().items():
        assert torch.equal(value, before[name]), name
