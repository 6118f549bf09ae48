"""A candidate, held against the answers that the layer then gives."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from edgebin.nn import HWGQ, BinaryConv2d, BinaryLinear
from edgebin.refine.images import RefineImages
from edgebin.refine.layer.binary_layers import binary_layers
from edgebin.refine.layer.candidate import make_candidate, measure_moments
from edgebin.refine.options import RefineOptions
from edgebin.refine.teacher.network import latent_teacher
from edgebin.refine.teacher.targets import ResponseTarget
from edgebin.train.data.source import DataSet

OPTIONS = RefineOptions(images=31, holdout=9, batch_size=7, positions=64)


def network(layer: nn.Module, *before: nn.Module) -> nn.Sequential:
    made = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), HWGQ(), *before, layer, nn.Flatten())
    with torch.no_grad():
        width = made(torch.zeros(1, 3, 8, 8)).shape[1]
    return made.append(nn.Linear(width, 3)).eval()


def answers(net: nn.Module, images: RefineImages) -> Tensor:
    """What the binary layer or its counterpart answers: (M, channels), float64."""
    until = nn.Sequential(*list(net.children())[:-2])
    with torch.no_grad():
        y = torch.cat([until(x) for x in images.inputs()]).double()
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
    images = RefineImages(data, OPTIONS)
    teacher = latent_teacher(net)
    (old_layer,) = binary_layers(net, next(images.inputs()))
    target = ResponseTarget(teacher, {})
    batches = (target.input_and_target(net, old_layer, x) for x in images.inputs())
    sums = measure_moments(old_layer, batches, OPTIONS.positions, torch.Generator())
    candidate = make_candidate(old_layer, sums, OPTIONS, centred=target.centred)
    after = copy.deepcopy(net)
    layer = after.get_submodule(old_layer.name)
    assert isinstance(layer, BinaryConv2d | BinaryLinear)
    with torch.no_grad():
        layer.weight.copy_(candidate.weight)
        if layer.bias is not None and candidate.bias is not None:
            layer.bias.copy_(candidate.bias)
    wanted, old, new = (answers(one, images) for one in (teacher, net, after))
    # The slope of the target over the answers is 1: no other scale would be better.
    ones = torch.ones(len(new.T), dtype=torch.float64)
    assert torch.allclose(covariance(wanted, new) / covariance(new, new), ones, rtol=1e-3)
    explained = [(covariance(wanted, y).square() / covariance(y, y)).sum() for y in (old, new)]
    assert candidate.gain == pytest.approx(float(explained[1] / explained[0]) - 1, abs=2e-3)
    assert candidate.gain > 0
    assert candidate.flips == int(((old_layer.module.weight >= 0) != (layer.weight >= 0)).sum()) > 0
    if layer.bias is None:
        assert candidate.bias is None
    else:
        assert torch.allclose(new.mean(0), wanted.mean(0), atol=1e-4)
        assert not torch.allclose(old.mean(0), wanted.mean(0), atol=1e-2)
