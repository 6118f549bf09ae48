"""A proposal, held against the answers that the layer then gives."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from edgebin.nn import HWGQ, BinaryConv2d, BinaryLinear
from edgebin.refine.options import RefineOptions
from edgebin.refine.pictures import Pictures
from edgebin.refine.proposal import layer_sums, propose
from edgebin.refine.sites import binary_sites
from edgebin.refine.targets import Response
from edgebin.refine.teacher import latent_teacher
from edgebin.train.data.source import DataSet

OPTIONS = RefineOptions(pictures=31, holdout=9, batch_size=7, positions=64)


def network(layer: nn.Module, *before: nn.Module) -> nn.Sequential:
    made = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), HWGQ(), *before, layer, nn.Flatten())
    with torch.no_grad():
        width = made(torch.zeros(1, 3, 8, 8)).shape[1]
    return made.append(nn.Linear(width, 3)).eval()


def answers(net: nn.Module, pictures: Pictures) -> Tensor:
    """What the binary layer or its counterpart answers: (M, channels), float64."""
    until = nn.Sequential(*list(net.children())[:-2])
    with torch.no_grad():
        y = torch.cat([until(x) for x in pictures.inputs()]).double()
    return y.movedim(1, -1).flatten(0, -2) if y.dim() == 4 else y


def covariance(x: Tensor, y: Tensor) -> Tensor:
    return ((x - x.mean(0)) * (y - y.mean(0))).mean(0)


CASES = {
    "groups, stride, dilation, bias": lambda: network(
        BinaryConv2d(4, 6, 3, groups=2, stride=(2, 1), dilation=(1, 2), padding=(1, 2))
    ),
    "no bias": lambda: network(BinaryConv2d(4, 5, (1, 3), padding="same", bias=False)),
    "reals": lambda: network(BinaryLinear(16, 7), nn.AvgPool2d(4), nn.Flatten()),
}


@pytest.mark.parametrize("case", CASES)
def test_scales_and_means_are_the_best(data: DataSet, case: str) -> None:
    torch.manual_seed(2)
    net = CASES[case]()
    pictures = Pictures(data, OPTIONS)
    teacher = latent_teacher(net)
    (site,) = binary_sites(net, next(pictures.inputs()))
    target = Response(teacher, {})
    sums = layer_sums(net, site, target, pictures, OPTIONS, torch.Generator())
    proposal = propose(site, target, sums, OPTIONS)
    after = copy.deepcopy(net)
    layer = after.get_submodule(site.name)
    assert isinstance(layer, BinaryConv2d | BinaryLinear)
    with torch.no_grad():
        layer.weight.copy_(proposal.weight)
        if layer.bias is not None and proposal.bias is not None:
            layer.bias.copy_(proposal.bias)
    wanted, old, new = (answers(one, pictures) for one in (teacher, net, after))
    # The slope of the target over the answers is 1: no other scale would be better.
    ones = torch.ones(len(new.T), dtype=torch.float64)
    assert torch.allclose(covariance(wanted, new) / covariance(new, new), ones, rtol=1e-3)
    explained = [(covariance(wanted, y).square() / covariance(y, y)).sum() for y in (old, new)]
    assert proposal.gain == pytest.approx(float(explained[1] / explained[0]) - 1, abs=2e-3)
    assert proposal.gain > 0
    assert proposal.flips == int(((site.layer.weight >= 0) != (layer.weight >= 0)).sum()) > 0
    if layer.bias is None:
        assert proposal.bias is None
    else:
        assert torch.allclose(new.mean(0), wanted.mean(0), atol=1e-4)
        assert not torch.allclose(old.mean(0), wanted.mean(0), atol=1e-2)
