"""Layers found in the order they run, and rows that give their answers."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn import HWGQ, BinaryConv2d, BinaryLinear
from edgebin.nn.hwgq import STEP
from edgebin.nn.networks import build
from edgebin.nn.weights import binary_weight
from edgebin.refine.layer.binary_layers import binary_layers, input_rows, output_rows
from edgebin.refine.layer.capture import capture


@pytest.mark.parametrize(
    "layer",
    [
        BinaryConv2d(4, 6, 3, padding=1),
        BinaryConv2d(4, 6, (3, 1), stride=(2, 1), padding=(0, 2), bias=False),
        BinaryConv2d(6, 4, 3, groups=2, dilation=2, padding="same"),
        BinaryConv2d(4, 8, 1, groups=4, padding="valid"),
        BinaryLinear(5, 3, bias=False),
    ],
)
def test_rows_times_weights_are_the_answers(layer: BinaryConv2d | BinaryLinear) -> None:
    shape = (3, layer.in_channels, 7, 6) if isinstance(layer, BinaryConv2d) else (3, 5)
    x = HWGQ()(torch.randn(shape))
    rows = input_rows(layer, x)
    assert torch.equal(rows, rows.round())
    weight = binary_weight(layer.weight).flatten(1).chunk(len(rows))
    answers = torch.stack([r @ w.T * STEP for r, w in zip(rows, weight, strict=True)])
    y = layer(x) if layer.bias is None else layer(x) - layer.bias.view(1, -1, 1, 1)
    assert torch.allclose(answers, output_rows(layer, y), atol=1e-5)


def test_real_inputs_keep_their_values() -> None:
    x = torch.randn(4, 5)
    assert torch.allclose(input_rows(BinaryLinear(5, 3), x)[0, :, 0] * STEP, x)


def test_sequences_have_a_row_for_each_place() -> None:
    layer = BinaryLinear(5, 3, bias=False)
    x = HWGQ()(torch.randn(4, 7, 5))
    rows = input_rows(layer, x)
    assert rows.shape == (1, 4, 7, 5)
    answers = rows @ binary_weight(layer.weight).T * STEP
    assert torch.allclose(answers, output_rows(layer, layer(x)), atol=1e-5)


def test_layers_come_in_the_order_of_the_forward_pass() -> None:
    network = build("resnet18", input_size=32, width=0.05, num_classes=2).eval()
    names = [layer.name for layer in binary_layers(network, torch.randn(1, 3, 32, 32))]
    assert names[:4] == ["layer1.0.conv1", "layer1.0.conv2", "layer1.1.conv1", "layer1.1.conv2"]
    assert len(names) == 16 + 3
    assert names[4:7] == ["layer2.0.conv1", "layer2.0.conv2", "layer2.0.shortcut"]


def test_a_look_ends_the_forward_pass() -> None:
    late: list[Tensor] = []
    network = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    network[2].register_forward_hook(lambda module, inputs, output: late.append(output))
    x = torch.randn(5, 3)
    ((read, answer),) = capture(network, [network[0]], x)
    assert torch.equal(read, x)
    assert torch.equal(answer, network[0](x))
    assert not late
    network(x)
    assert late  # the hook of the look is gone


class _Odd(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = _Pair()
        self.second = _Constant()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.first(x)[0] + self.second(3)
        return y


class _Pair(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x, x


class _Constant(nn.Module):
    def forward(self, size: int) -> Tensor:
        return torch.ones(size)


def test_modules_that_read_or_answer_no_tensor_are_named() -> None:
    network = _Odd()
    with pytest.raises(OptionError, match=r"^first: expected a tensor as its output, found tuple"):
        capture(network, [network.first], torch.ones(1, 3))
    with pytest.raises(OptionError, match=r"^second: expected a tensor to read, found none"):
        capture(network, [network.second], torch.ones(1, 3))


class _Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = BinaryLinear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layer(self.layer(x))
        return y


def test_networks_that_cannot_be_updated_are_named() -> None:
    with pytest.raises(OptionError, match=r"^layer: expected a layer that runs once"):
        binary_layers(_Twice(), torch.randn(1, 3))
    with pytest.raises(OptionError, match=r"^network: expected binary layers, found none"):
        binary_layers(nn.Linear(3, 3), torch.randn(1, 3))
