"""`torch.export` sees one node for each of our layers, and computes what the layers do."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from edgebin.errors import ExportError
from edgebin.nn import HWGQ, BinaryConv2d, BinaryLinear, Int8Conv2d, Int8Linear
from edgebin.nn.capturing import capture_operators
from edgebin.nn.networks import NETWORKS, build

SIDES = {"vgg_small": 8, "resnet20": 8, "resnet18": 16, "alexnet": 63}


def calls(network: nn.Module, x: Tensor) -> tuple[list[str], torch.export.ExportedProgram]:
    with capture_operators():
        program = torch.export.export(network.eval(), (x,), strict=False)
    nodes = [node for node in program.graph.nodes if node.op == "call_function"]
    return [str(node.target).removesuffix(".default") for node in nodes], program


@pytest.mark.parametrize(
    ("layer", "shape", "name"),
    [
        (HWGQ(), (2, 3), "edgebin.hwgq"),
        (HWGQ(thresholds="nearest"), (2, 300), "edgebin.hwgq"),
        (BinaryConv2d(4, 6, 3, stride=2, padding=1), (1, 4, 8, 8), "edgebin.binary_conv2d"),
        (Int8Conv2d(4, 6, 3, groups=2, bias=False), (1, 4, 8, 8), "edgebin.int8_conv2d"),
        (BinaryLinear(4, 3), (2, 4), "edgebin.binary_linear"),
        (Int8Linear(4, 3, bias=False), (2, 4), "edgebin.int8_linear"),
    ],
)
def test_a_layer_is_one_node(layer: nn.Module, shape: tuple[int, ...], name: str) -> None:
    x = torch.randn(shape)
    names, program = calls(layer, x)
    assert names == [name]
    assert torch.equal(program.module()(x), layer(x))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_keeps_its_layers_whole(name: str) -> None:
    side = SIDES[name]
    network = build(name, num_classes=3, input_size=side, width=0.1, first="int8", last="int8")
    x = torch.randn(2, 3, side, side)
    names, program = calls(network, x)
    for kind, operator in (
        (HWGQ, "hwgq"),
        (BinaryConv2d, "binary_conv2d"),
        (BinaryLinear, "binary_linear"),
        (Int8Conv2d, "int8_conv2d"),
        (Int8Linear, "int8_linear"),
    ):
        expected = sum(isinstance(module, kind) for module in network.modules())
        assert names.count(f"edgebin.{operator}") == expected, operator
    whole = {"batch_norm", "max_pool2d", "avg_pool2d", "adaptive_avg_pool2d", "relu", "cat"}
    whole |= {"add.Tensor", "flatten.using_ints"}
    rest = {n.removeprefix("aten.") for n in names if not n.startswith("edgebin.")}
    assert rest <= whole
    assert torch.equal(program.module()(x), network(x))


def test_the_pool_shortcut_is_a_pool_and_a_concatenation() -> None:
    network = build("resnet20", num_classes=2, input_size=8, width=0.1)
    names, _ = calls(network, torch.randn(1, 3, 8, 8))
    assert names.count("aten.avg_pool2d") == 2
    assert names.count("aten.cat") == 2


@pytest.mark.parametrize(
    ("arguments", "padding"),
    [
        ({"kernel_size": 3, "padding": "same"}, [1, 1]),
        ({"kernel_size": (1, 5), "padding": "same", "dilation": 2}, [0, 4]),
        ({"kernel_size": 2, "padding": "same", "dilation": 2}, [1, 1]),
        ({"kernel_size": 3, "padding": "valid"}, [0, 0]),
        ({"kernel_size": 3, "padding": (2, 1)}, [2, 1]),
    ],
)
def test_padding_is_captured_as_two_integers(arguments: Any, padding: list[int]) -> None:
    layer = BinaryConv2d(2, 3, **arguments)
    x = torch.randn(1, 2, 9, 9)
    _, program = calls(layer, x)
    (node,) = [node for node in program.graph.nodes if node.op == "call_function"]
    assert list(node.args[4]) == padding
    assert torch.equal(program.module()(x), layer(x))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kernel_size": 2, "padding": "same"}, "an odd kernel, or the padding in numbers"),
        ({"kernel_size": 3, "padding": 1, "padding_mode": "reflect"}, "padding_mode='zeros'"),
    ],
)
@pytest.mark.parametrize("kind", [BinaryConv2d, Int8Conv2d])
@pytest.mark.filterwarnings("ignore:Using padding=.same.")
def test_other_padding_is_refused_with_a_way_out(
    kind: type[nn.Conv2d], arguments: Any, message: str
) -> None:
    layer = kind(2, 3, **arguments)
    x = torch.randn(1, 2, 9, 9)
    layer(x)
    with pytest.raises(ExportError, match=message) as caught, capture_operators():
        torch.export.export(layer.eval(), (x,), strict=False)
    assert kind.__name__ in str(caught.value)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (HWGQ(), (2, 3)),
        (BinaryConv2d(2, 3, 3), (1, 2, 4, 4)),
        (Int8Conv2d(2, 3, 3), (1, 2, 4, 4)),
        (BinaryLinear(3, 2), (2, 3)),
        (Int8Linear(3, 2), (2, 3)),
    ],
)
def test_what_is_compiled_can_be_trained(
    layer: nn.Module, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    x = torch.rand(shape, requires_grad=True)
    monkeypatch.setattr(torch.compiler, "is_exporting", lambda: True)  # 2.11 under torch.compile
    layer(x).sum().backward()  # an operator of capture_ops has no gradient
    assert x.grad is not None
    assert x.grad.abs().sum() > 0


def test_without_the_exporter_a_layer_shows_its_insides() -> None:
    x = torch.randn(1, 4)
    with pytest.raises(RuntimeError, match="enough"), capture_operators():
        raise RuntimeError("enough")
    program = torch.export.export(BinaryLinear(4, 3).eval(), (x,), strict=False)
    assert not any("edgebin" in str(node.target) for node in program.graph.nodes)
