"""Networks that are not edgebin's: written by hand, with all that users do, and converted ones."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import edgebin
from edgebin.errors import OptionError
from edgebin.nn import HWGQ, BinaryConv2d, BinaryLinear
from edgebin.refine import RefineImages, RefineOptions, refine
from edgebin.refine.last_layer import refit_head
from edgebin.refine.layer.binary_layers import BinaryLayer
from edgebin.refine.options import TARGETS
from edgebin.refine.teacher.residual_joins import residual_joins
from edgebin.train.data.source import DataSet

OPTIONS = RefineOptions(images=15, holdout=9, batch_size=7, positions=20)


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
        target=target, images=15, holdout=9, batch_size=7, positions=20, keep="all"
    )
    results = refine(network, RefineImages(data, options), options)
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
        target=target, images=30, holdout=9, batch_size=10, positions=16, keep="all"
    )
    images = RefineImages(data, options)
    x = torch.cat(list(images.inputs()))
    network = edgebin.convert(model, x).network
    teacher = edgebin.convert(model, x, weights="float32").network

    def error() -> float:
        with torch.no_grad():
            return float((network(x) - teacher(x)).square().mean())

    by_sign = error()
    results = refine(network, images, options, teacher=teacher)
    assert [result.layer for result in results] == ["4", "9"]
    assert all(result.flips for result in results)
    assert error() < 0.8 * by_sign
    head = refit_head(network, images)
    assert head is not None
    assert head.layer == "11"


def test_a_refined_converted_network_is_exported(data: DataSet, tmp_path: Path) -> None:
    images = RefineImages(data, OPTIONS)
    x = next(images.inputs())
    network = edgebin.convert(_float_network(), x).network
    refine(network, images, OPTIONS)
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
    images = RefineImages(data, OPTIONS)
    circular = Own()
    circular.conv.padding_mode = "circular"
    with pytest.raises(OptionError, match=r"^conv: found padding_mode 'circular'; what works: "):
        refine(circular, images, OPTIONS)
    with pytest.raises(OptionError, match=r"^conv: expected its input by position, found a key"):
        refine(_Keyword(), images, OPTIONS)
    made = Own()
    nn.utils.parametrizations.weight_norm(made.conv)
    with pytest.raises(OptionError, match=r"^conv: expected weights of its own, found a param"):
        refine(made, images, OPTIONS)
    with pytest.raises(OptionError, match=r"weight: expected torch\.float32, found torch\.float64"):
        refine(Own().double(), images, OPTIONS)
    with pytest.raises(OptionError, match=r"weight: expected torch\.float32, found torch\.float64"):
        refit_head(Own().double(), images)


@pytest.mark.filterwarnings("ignore:.*weight_norm.* is deprecated:FutureWarning")
@pytest.mark.parametrize("norm", [nn.utils.weight_norm, nn.utils.parametrizations.weight_norm])
def test_a_last_layer_whose_weights_are_made_of_others_is_left_alone(
    data: DataSet, norm: Callable[[nn.Module], nn.Module]
) -> None:
    network = Own().eval()
    norm(network.head)
    assert refit_head(network, RefineImages(data, OPTIONS)) is None


class _Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.act = HWGQ()
        self.conv = BinaryConv2d(6, 6, 3, padding=1)

    def forward(self, flag: bool, x: Tensor) -> Tensor:
        """A residual sum."""
        return x + self.conv(self.act(x)) if flag else x


class _Called(nn.Module):
    """A block and a last layer whose inputs come by position or by keyword."""

    def __init__(self, *, keywords: bool) -> None:
        super().__init__()
        self.keywords = keywords
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.block = _Block()
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        x = self.stem(x)
        x = self.block(flag=True, x=x) if self.keywords else self.block(True, x)
        x = x.mean((2, 3))
        logits: Tensor = self.head(input=x) if self.keywords else self.head(x)
        return logits


def test_blocks_and_last_layers_may_have_their_inputs_by_keyword(data: DataSet) -> None:
    images = RefineImages(data, OPTIONS)
    states = []
    for keywords in (False, True):
        torch.manual_seed(4)
        network = _Called(keywords=keywords)
        teacher = copy.deepcopy(network)
        assert residual_joins(
            network, [BinaryLayer("block.conv", network.block.conv)], next(images.inputs())
        )
        (result,) = refine(
            network, images, dataclasses.replace(OPTIONS, keep="all"), teacher=teacher
        )
        assert result.layer == "block.conv"
        assert refit_head(network, images) is not None
        states.append(network.state_dict())
    for name, value in states[0].items():
        assert torch.equal(value, states[1][name]), name


class _Remembers(Own):
    def get_extra_state(self) -> object:
        """No tensor."""
        return {"seen": [1]}

    def set_extra_state(self, state: object) -> None:
        """As it was."""
        assert state == {"seen": [1]}


def test_what_a_module_keeps_besides_tensors_stays(data: DataSet) -> None:
    network, images = _Remembers(), RefineImages(data, OPTIONS)
    assert refine(network, images, OPTIONS)
    assert refit_head(network, images) is not None


def test_a_teacher_that_answers_elsewhere_is_named(data: DataSet) -> None:
    images = RefineImages(data, OPTIONS)
    with pytest.raises(OptionError, match=r"^teacher: expected 64 positions in conv .*found 100$"):
        refine(Own(), images, OPTIONS, teacher=_Wider())
    with pytest.raises(OptionError, match=r"^conv: expected a layer that the forward pass runs"):
        refine(Own(), images, OPTIONS, teacher=_Idle())


def test_a_teacher_in_training_mode_is_not_trained(data: DataSet) -> None:
    teacher = Own().train()
    before = copy.deepcopy(teacher.state_dict())
    refine(Own(), RefineImages(data, OPTIONS), OPTIONS, teacher=teacher)
    assert not teacher.training
    for name, value in teacher.state_dict().items():
        assert torch.equal(value, before[name]), name
