"""Our layers in the place of torch's: the same arguments, shapes and state, quantised weights."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from edgebin.nn import BinaryConv2d, BinaryLinear, Int8Conv2d, Int8Linear
from edgebin.nn.weights import binary_weight, int8_weight

CONVS: list[dict[str, Any]] = [
    {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups, "bias": bias}
    for stride, padding, dilation, groups, bias in product(
        (1, 2, (2, 1)), (0, 1, (2, 0)), (1, (1, 2)), (1, 2), (True, False)
    )
]
CONVS += [{"padding": padding, "dilation": d} for padding in ("same", "valid") for d in (1, 2)]
CONVS += [
    {"padding": 1, "padding_mode": mode} for mode in ("zeros", "reflect", "replicate", "circular")
]
QUANTISERS = {BinaryConv2d: binary_weight, Int8Conv2d: int8_weight}


@pytest.mark.parametrize("kind", list(QUANTISERS))
@pytest.mark.parametrize("kernel", [1, 3, (3, 2)])
def test_conv_is_conv2d_with_a_quantised_weight(kind: type[nn.Conv2d], kernel: Any) -> None:
    x = torch.randn(2, 4, 9, 8)
    for arguments in CONVS:
        ours = kind(4, 6, kernel, **arguments)
        theirs = nn.Conv2d(4, 6, kernel, **arguments)
        theirs.load_state_dict(ours.state_dict())
        theirs.weight.data = QUANTISERS[kind](ours.weight).detach()
        assert torch.equal(ours(x), theirs(x)), arguments


@pytest.mark.parametrize("kind", list(QUANTISERS))
def test_conv_takes_an_image_without_a_batch(kind: type[nn.Conv2d]) -> None:
    assert kind(3, 5, 3)(torch.randn(3, 7, 7)).shape == (5, 5, 5)


@pytest.mark.parametrize(
    ("kind", "quantise"), [(BinaryLinear, binary_weight), (Int8Linear, int8_weight)]
)
@pytest.mark.parametrize("bias", [True, False])
def test_linear_is_linear_with_a_quantised_weight(
    kind: type[nn.Linear], quantise: Any, bias: bool
) -> None:
    layer = kind(7, 3, bias=bias)
    x = torch.randn(2, 4, 7)
    assert torch.equal(layer(x), F.linear(x, quantise(layer.weight), layer.bias))


@pytest.mark.parametrize("kind", list(QUANTISERS))
def test_training_reaches_weight_and_bias(kind: type[nn.Conv2d]) -> None:
    layer = kind(2, 3, 3)
    layer(torch.randn(1, 2, 5, 5)).sum().backward()
    assert layer.weight.grad is not None
    assert layer.bias is not None
    assert layer.bias.grad is not None
