"""Residual sums are found by what comes out, and used where they are."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn import HWGQ, BinaryConv2d
from edgebin.nn.networks import build
from edgebin.nn.weights import binary_weight
from edgebin.refine.layer.binary_layers import binary_layers
from edgebin.refine.teacher.residual_joins import residual_joins
from edgebin.refine.teacher.targets import ResponseTarget


def test_the_last_layer_of_each_block_is_added() -> None:
    network = build("resnet20", num_classes=3, input_size=8, width=0.2).eval()
    x = torch.randn(2, 3, 8, 8)
    found = residual_joins(network, binary_layers(network, x), x)
    blocks = [f"layer{stage}.{index}" for stage in (1, 2, 3) for index in range(3)]
    assert found == {f"{block}.conv2": block for block in blocks}


def test_of_two_layers_of_a_sum_the_later_one_makes_it_good() -> None:
    network = build("resnet18", num_classes=3, input_size=32, width=0.1).eval()
    x = torch.randn(2, 3, 32, 32)
    found = residual_joins(network, binary_layers(network, x), x)
    assert found["layer2.0.shortcut"] == "layer2.0"
    assert "layer2.0.conv2" not in found
    assert found["layer2.1.conv2"] == "layer2.1"


def test_a_network_without_sums_has_none() -> None:
    network = build("vgg_small", num_classes=3, input_size=8, width=0.05).eval()
    x = torch.randn(2, 3, 8, 8)
    assert residual_joins(network, binary_layers(network, x), x) == {}


def test_a_teacher_whose_sum_has_another_shape_is_named() -> None:
    network = build("resnet20", num_classes=3, input_size=8, width=0.2).eval()
    teacher = build("resnet20", num_classes=3, input_size=8, width=0.2, weights="float32").eval()
    teacher.get_submodule("layer1").add_module("0", nn.AvgPool2d(2))
    x = torch.randn(2, 3, 8, 8)
    layers = {layer.name: layer for layer in binary_layers(network, x)}
    with pytest.raises(OptionError, match=r"^teacher: expected layer1.0 to return shape \(2, 3"):
        ResponseTarget(teacher, {"layer1.0.conv2": "layer1.0"}).input_and_target(
            network, layers["layer1.0.conv2"], x
        )


def test_the_target_is_what_the_sum_lacks() -> None:
    network = build("resnet20", num_classes=3, input_size=8, width=0.2).eval()
    teacher = build("resnet20", num_classes=3, input_size=8, width=0.2, weights="float32").eval()
    x = torch.randn(2, 3, 8, 8)
    layers = {layer.name: layer for layer in binary_layers(network, x)}
    target = ResponseTarget(teacher, {"layer1.0.conv2": "layer1.0"})
    read, wanted = target.input_and_target(network, layers["layer1.0.conv2"], x)
    block, wished = network.get_submodule("layer1.0"), teacher.get_submodule("layer1.0")
    with torch.no_grad():
        stream = network.get_submodule("stem")(x)
        layer = block.get_submodule("conv2")
        weight = layer.weight
        assert isinstance(weight, torch.Tensor)
        answer = torch.nn.functional.conv2d(read, binary_weight(weight), padding=1)
        lacks = wished(teacher.get_submodule("stem")(x)) - (block(stream) - answer)
    assert torch.allclose(wanted, lacks, atol=1e-5)


class _Block(nn.Module):
    """Adds in place, to the convolution's own answer."""

    def __init__(self) -> None:
        super().__init__()
        self.act = HWGQ()
        self.conv = BinaryConv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """The stream with this block's part."""
        y: Tensor = self.conv(self.act(x))
        y += x
        return y


class _Listed(nn.Module):
    """Layers and blocks in lists, which are never called themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.loose = nn.ModuleList([HWGQ(), BinaryConv2d(4, 4, 3, padding=1)])
        self.blocks = nn.ModuleList([_Block(), _Block()])

    def forward(self, x: Tensor) -> Tensor:
        """The stream at its end."""
        x = self.stem(x)
        for part in (*self.loose, *self.blocks):
            x = part(x)
        return x


def test_lists_of_modules_are_never_called_themselves() -> None:
    network = _Listed().eval()
    x = torch.randn(2, 3, 8, 8)
    found = residual_joins(network, binary_layers(network, x), x)
    assert found == {f"blocks.{index}.conv": f"blocks.{index}" for index in (0, 1)}


def test_sums_in_place_leave_the_answer_that_was_seen() -> None:
    network, teacher = _Listed().eval(), _Listed().eval()
    x = torch.randn(2, 3, 8, 8)
    layer = binary_layers(network, x)[1]
    target = ResponseTarget(teacher, {"blocks.0.conv": "blocks.0"})
    _, wanted = target.input_and_target(network, layer, x)
    with torch.no_grad():
        streams = [net.loose[1](net.loose[0](net.stem(x))) for net in (network, teacher)]
        lacks = teacher.blocks[0](streams[1]) - streams[0]
    assert torch.allclose(wanted, lacks, atol=1e-5)
