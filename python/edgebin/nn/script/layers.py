"""Makes a torch.fx graph of the calls of a program: layers of torch.nn, and functions.

Products and batch norms whose parameters do not depend on the image become modules, named as their
parameters are; so does dropout. Everything else becomes the function that the converter and torch
know it by, and no call changes a value in place.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.fx import Graph, GraphModule, Node

from edgebin.nn.script.walk import Value, arguments

_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "aten.relu": torch.relu,
    "aten.relu6": F.relu6,
    "aten.max_pool2d": torch.max_pool2d,
    "aten.adaptive_avg_pool2d": F.adaptive_avg_pool2d,
    "aten.flatten.using_ints": torch.flatten,
    "aten.cat": torch.cat,
    "aten.add.Scalar": torch.add,
    "aten.sub.Scalar": torch.sub,
    "aten.rsub.Scalar": torch.rsub,
    "aten.mul.Scalar": torch.mul,
    "aten.div.Scalar": torch.div,
}
_VIEWS = ("aten.view", "aten.reshape")


class Layers:
    """The new graph and its modules.

    Args:
        name: the class of the network.
    """

    def __init__(self, name: str) -> None:
        """Begin with nothing."""
        self._name = name
        self._graph = Graph()
        self._held: dict[str, Any] = {}

    def image(self) -> Node:
        """Return the node of the image."""
        return self._graph.placeholder("x")

    def call(self, target: Any, inputs: list[Any], result: object) -> list[Node]:
        """Add a call and return the node of each tensor that it makes.

        Args:
            target: the overload in torch.ops.
            inputs: all that it takes, in the order of its schema.
            result: what it gives on the example.
        """
        plain = _out_of_place(target)
        name = str(plain).removesuffix(".default")
        rule = _LAYERS.get(name)
        layer = rule(inputs) if rule is not None else None
        if layer is not None:
            return [self._call_layer(*layer, inputs)]
        if name in _VIEWS and isinstance(result, Tensor):
            return [self._view(name, inputs[0], result)]
        if name == "aten.hardtanh" and tuple(inputs[1:]) == (0, 6):
            name, inputs = "aten.relu6", inputs[:1]
        if name.endswith(".Scalar") and inputs[2:] == [1]:  # alpha, which has another place there
            inputs = inputs[:2]
        positional, keywords = arguments(plain, [self._argument(value) for value in inputs])
        made = self._graph.call_function(_FUNCTIONS.get(name, plain), tuple(positional), keywords)
        if isinstance(result, Tensor):
            return [made]
        assert isinstance(result, list | tuple)
        return [
            self._graph.call_function(operator.getitem, (made, index))
            for index in range(len(result))
        ]

    def network(self, result: Any) -> GraphModule:
        """Return the module whose forward gives the result: Values, a list of them as a tuple."""
        given = tuple(result) if isinstance(result, list) else result
        self._graph.output(self._argument(given))
        network = GraphModule(self._held, self._graph, self._name)
        network.graph.eliminate_dead_code()
        network.recompile()
        return network

    def _call_layer(self, name: str, module: nn.Module, inputs: list[Any]) -> Node:
        path, number = name, 1
        while path in self._held and not _are_equal(self._held[path], module):
            number += 1
            path = f"{name}_{number}"
        self._held[path] = module
        image = next(value for value in inputs if isinstance(value, Value) and value.node)
        return self._graph.call_module(path, (image.node,))

    def _view(self, name: str, value: Value, result: Tensor) -> Node:
        """Keep the number of images open where the call keeps it."""
        keeps = result.dim() > 0 and result.shape[0] == value.tensor.shape[0]
        sizes = (-1, *result.shape[1:]) if keeps else tuple(result.shape)
        return self._graph.call_method(name.removeprefix("aten."), (value.node, *sizes))

    def _argument(self, value: Any) -> Any:
        if isinstance(value, Value):
            return value.node if value.node is not None else self._constant(value)
        if isinstance(value, list | tuple):
            return type(value)(map(self._argument, value))
        if isinstance(value, dict):
            return {key: self._argument(part) for key, part in value.items()}
        return value

    def _constant(self, value: Value) -> Node:
        name = f"constant_{len(self._held)}"
        self._held[name] = value.tensor.detach().clone()
        return self._graph.get_attr(name)


def _out_of_place(target: Any) -> Any:
    """Return the call that gives what a call in place leaves in its argument."""
    packet, _, overload = str(target).removeprefix("aten.").partition(".")
    plain = getattr(torch.ops.aten, packet.removesuffix("_"), None)
    if not packet.endswith("_") or plain is None or overload not in plain.overloads():
        return target
    return getattr(plain, overload)


_Layer = tuple[str, nn.Module]


def _conv(inputs: list[Any]) -> _Layer | None:
    value, weight, bias, stride, padding, dilation, *rest = inputs
    is_general = len(rest) > 1  # aten.convolution, which may be transposed
    if not _are_fixed(weight, bias) or weight.tensor.dim() != 4 or (is_general and rest[0]):
        return None
    tensor, groups = weight.tensor, rest[2] if is_general else rest[0]
    if value.node is None:
        return None
    module = nn.Conv2d(
        tensor.shape[1] * groups,
        tensor.shape[0],
        (tensor.shape[2], tensor.shape[3]),
        tuple(stride),
        padding if isinstance(padding, str) else tuple(padding),
        tuple(dilation),
        groups,
        bias is not None,
    )
    return _loaded(module, weight, "conv", tensor, bias)


def _linear(inputs: list[Any]) -> _Layer | None:
    value, weight, bias = inputs
    if not _are_fixed(weight, bias) or value.node is None or weight.tensor.dim() != 2:
        return None
    shape = weight.tensor.shape
    module = nn.Linear(shape[1], shape[0], bias is not None)
    return _loaded(module, weight, "linear", weight.tensor, bias)


def _addmm(inputs: list[Any]) -> _Layer | None:
    bias, value, weight, beta, alpha = inputs
    if (beta, alpha) != (1, 1) or not isinstance(weight, Value) or bias.tensor.dim() != 1:
        return None
    return _linear([value, Value(weight.tensor.t(), weight.node, bias.name[: -len(".bias")]), bias])


def _batch_norm(inputs: list[Any]) -> _Layer | None:
    value, weight, bias, mean, var, training, momentum, eps, _ = inputs
    if training or mean is None or not _are_fixed(mean, var) or not _are_fixed(mean, weight):
        return None
    if value.node is None or (weight is None) != (bias is None) or value.tensor.dim() not in (2, 4):
        return None
    kind = nn.BatchNorm2d if value.tensor.dim() == 4 else nn.BatchNorm1d
    module = kind(len(mean.tensor), eps, momentum, affine=weight is not None)
    assert isinstance(module.running_mean, Tensor)
    assert isinstance(module.running_var, Tensor)
    module.running_mean.copy_(mean.tensor)
    module.running_var.copy_(var.tensor)
    tensor = weight.tensor if weight is not None else None
    return _loaded(module, mean, "batch_norm", tensor, bias)


def _dropout(inputs: list[Any]) -> _Layer | None:
    return "dropout", nn.Dropout(inputs[1])


def _dropout2d(inputs: list[Any]) -> _Layer | None:
    return "dropout2d", nn.Dropout2d(inputs[1])


_LAYERS: Mapping[str, Callable[[list[Any]], _Layer | None]] = {
    "aten.conv2d": _conv,
    "aten.conv2d.padding": _conv,
    "aten._convolution": _conv,
    "aten._convolution_mode": _conv,
    "aten.convolution": _conv,
    "aten.linear": _linear,
    "aten.addmm": _addmm,
    "aten.batch_norm": _batch_norm,
    "aten.dropout": _dropout,
    "aten.feature_dropout": _dropout2d,
}


def _are_fixed(weight: Any, bias: Any) -> bool:
    """Return whether parameters are there, or no bias, and do not depend on the image."""
    return weight.node is None and (bias is None or bias.node is None)


def _loaded(
    module: nn.Module, named: Value, kind: str, weight: Tensor | None, bias: Value | None
) -> _Layer:
    """Return a layer with its parameters, and the name of the module that they are of."""
    if weight is not None:
        module.weight = nn.Parameter(weight.detach().clone())
    if bias is not None:
        module.bias = nn.Parameter(bias.tensor.detach().clone())
    owner = named.name.removesuffix(".weight").removesuffix(".running_mean")
    return owner or kind, module


def _are_equal(one: Any, other: nn.Module) -> bool:
    """Return whether a layer is called again."""
    if repr(one) != repr(other):
        return False
    before, after = one.state_dict(), other.state_dict()
    return all(torch.equal(before[name], after[name]) for name in before)
