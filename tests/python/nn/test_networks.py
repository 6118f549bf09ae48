"""The networks: every option builds and runs, and what cannot be built is named."""

from __future__ import annotations

import re
from itertools import product

import pytest
import torch
from torch import nn

from edgebin.errors import OptionError
from edgebin.nn.binary import BinaryConv2d, BinaryLinear
from edgebin.nn.hwgq import HWGQ, LEVELS, THRESHOLDS
from edgebin.nn.networks import NETWORKS, build, check_options
from edgebin.nn.networks.parts import ACTIVATIONS, KINDS

SIDES = {"vgg_small": 8, "resnet20": 8, "resnet18": 16, "alexnet": 63}


@pytest.mark.parametrize(("first", "last"), list(product(KINDS, KINDS)))
@pytest.mark.parametrize("name", NETWORKS)
def test_every_first_and_last_kind_trains(name: str, first: str, last: str) -> None:
    side = SIDES[name]
    network = build(name, num_classes=4, input_size=side, width=0.05, first=first, last=last)
    logits = network(torch.randn(2, 3, side, side))
    assert logits.shape == (2, 4)
    logits.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("width", [0.01, 0.19, 0.44])
@pytest.mark.parametrize("name", NETWORKS)
def test_odd_widths_work(name: str, width: float) -> None:
    side = SIDES[name]
    network = build(name, num_classes=3, input_size=side, width=width, affine=True)
    assert network.eval()(torch.randn(1, 3, side, side)).shape == (1, 3)


@pytest.mark.parametrize("activations", ACTIVATIONS)
@pytest.mark.parametrize("name", NETWORKS)
def test_real_weights_have_the_names_of_binary_ones(name: str, activations: str) -> None:
    side = SIDES[name]
    options = {"num_classes": 3, "input_size": side, "width": 0.2}
    baseline = build(name, **options, weights="float32", activations=activations)
    binary = build(name, **options)
    baseline.load_state_dict(binary.state_dict())
    kinds = {type(module) for module in baseline.modules()}
    assert not kinds & {BinaryConv2d, BinaryLinear}
    assert (HWGQ in kinds) is (activations == "hwgq")
    x = torch.randn(2, 3, side, side)
    assert not torch.equal(baseline.eval()(x), binary.eval()(x))


@pytest.mark.parametrize(
    "option", ["first", "last", "backward", "weights", "activations", "thresholds"]
)
def test_an_unknown_choice_is_named(option: str) -> None:
    with pytest.raises(OptionError, match=rf"^network option {option}: expected .*found 'none'$"):
        check_options("resnet20", {option: "none"})


def test_vgg_small_has_the_papers_size() -> None:
    network = build("vgg_small")
    assert sum(parameter.numel() for parameter in network.parameters()) == 4_656_522


def test_vgg_smalls_last_layer_sees_levels() -> None:
    network = build("vgg_small", input_size=8, width=0.05)
    seen: list[torch.Tensor] = []
    head = network.get_submodule("head")
    head.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    network(torch.randn(3, 3, 8, 8))
    assert set(seen[0].flatten().tolist()) <= set(torch.tensor(LEVELS).tolist())


def test_alexnet_flattens_to_9216_at_full_size() -> None:
    with torch.device("meta"):
        network = build("alexnet")
    assert network.get_submodule("layer6.linear").weight.shape == (4096, 9216)


@pytest.mark.parametrize("affine", [True, False])
def test_affine_is_of_every_batch_norm(affine: bool) -> None:
    for name in NETWORKS:
        network = build(name, width=0.01, affine=affine)
        norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d | nn.BatchNorm1d)]
        assert norms
        assert all(norm.affine is affine and norm.eps == 1e-5 for norm in norms)


def test_modules_are_named_by_their_role() -> None:
    names = {name for name, _ in build("resnet20", width=0.1).named_modules()}
    assert {"stem", "layer1.0.conv1", "layer3.2.act2", "norm", "head"} <= names


@pytest.mark.parametrize("name", NETWORKS)
def test_checked_options_rebuild_the_network(name: str) -> None:
    options = check_options(name, {"num_classes": 2, "width": 0.03, "last": "int8"})
    first, second = build(name, **options), build(name, **options)
    second.load_state_dict(first.state_dict())
    assert check_options(name, options) == options


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("vgg", {}, "network: expected one of vgg_small, resnet20, resnet18, alexnet, found 'vgg'"),
        ("resnet2", {}, "alexnet, found 'resnet2'; did you mean resnet20?"),
        ("resnet20", {"depth": 20}, "resnet20 option: expected one of num_classes"),
        ("resnet20", {"width": "1"}, "resnet20 width: expected float, found '1'"),
        ("resnet20", {"width": 0}, "resnet20 width: expected a number above 0, found 0"),
        ("resnet20", {"width": 1e30}, "resnet20 width: expected at most 16, found 1e+30"),
        ("resnet20", {"num_classes": True}, "resnet20 num_classes: expected int, found True"),
        ("resnet20", {"affine": 1}, "resnet20 affine: expected bool, found 1"),
        ("resnet20", {"input_size": 30}, "expected a multiple of 4, found 30"),
        ("vgg_small", {"input_size": 7}, "expected at least 8, found 7"),
        ("alexnet", {"input_size": 62}, "expected at least 63, found 62"),
        ("resnet18", {"first": "int4"}, "first: expected float32, int8, binary, found 'int4'"),
        ("resnet18", {"last": "int4"}, "last: expected float32, int8, binary, found 'int4'"),
        ("resnet18", {"backward": "x"}, "option backward: expected clipped"),
    ],
)
def test_what_cannot_be_built_is_named(name: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=re.escape(message)):
        build(name, **options)


@pytest.mark.slow
@pytest.mark.parametrize("thresholds", THRESHOLDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_torch_compile_sees_one_graph(name: str, thresholds: str) -> None:
    side = SIDES[name]
    ends = {"first": "int8", "last": "binary", "thresholds": thresholds}
    network = build(name, num_classes=2, input_size=side, width=0.03, **ends)
    x = torch.randn(2, 3, side, side)
    compiled = torch.compile(network.eval(), backend="eager", fullgraph=True)
    assert torch.equal(compiled(x), network(x))


class Remembering(torch.nn.Module):
    """Writes into a dict of its own, which dynamo watches."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, tuple[int, ...]] = {}
        self.act = HWGQ(thresholds="nearest")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen["x"] = tuple(x.shape)
        levels: torch.Tensor = self.act(x)
        return levels


@pytest.mark.slow
def test_torch_compile_sees_one_graph_beside_a_dict() -> None:
    x = torch.randn(3, 5)
    compiled = torch.compile(Remembering(), backend="eager", fullgraph=True)
    assert torch.equal(compiled(x), HWGQ(thresholds="nearest")(x))
