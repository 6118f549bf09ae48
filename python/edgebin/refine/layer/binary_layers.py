"""The binary layers of a network, in the order in which they run, and their inputs as rows.

A row is what one output position reads: the im2col row of a convolution, padding included, or the
inputs of a linear layer.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn.binary import BinaryConv2d, BinaryLinear
from edgebin.nn.hwgq import STEP
from edgebin.nn.padding import PaddingError, captured_padding

_CODE_ERROR = 1e-3  # of a step: more than rounding leaves, less than any float value


@dataclass(frozen=True, slots=True)
class BinaryLayer:
    """A binary layer and its name in the network."""

    name: str
    module: BinaryConv2d | BinaryLinear


def named_binary_layers(network: nn.Module) -> list[BinaryLayer]:
    """Return the binary layers of a network in the order of its modules, unchecked."""
    return [
        BinaryLayer(name, module)
        for name, module in network.named_modules()
        if isinstance(module, BinaryConv2d | BinaryLinear)
    ]


def binary_layers(network: nn.Module, example: Tensor) -> list[BinaryLayer]:
    """Return the binary layers that one forward pass runs, in its order.

    Args:
        network: in eval mode.
        example: an input of it.

    Raises:
        OptionError: there is none, or one runs more than once, has its input by keyword, pads with
            other values than zeros or computes its weights from other tensors; or the network
            computes in anything but float32.
    """
    check_float32(network)
    layers = []
    calls = _calls(network, example)
    for layer in dict.fromkeys(calls):
        if calls.count(layer) > 1:
            raise OptionError(f"{layer.name}: expected a layer that runs once, found it shared")
        if not has_own_weights(layer.module):
            raise OptionError(f"{layer.name}: expected weights of its own, found a parametrisation")
        _check_padding(layer)
        layers.append(layer)
    if not layers:
        raise OptionError("network: expected binary layers, found none")
    return layers


def check_float32(network: nn.Module) -> None:
    """Raise OptionError where a parameter or buffer holds floats of another type."""
    for name, value in network.state_dict().items():
        if not isinstance(value, Tensor):  # a module's extra state
            continue
        if value.is_floating_point() and value.dtype != torch.float32:
            raise OptionError(f"{name}: expected torch.float32, found {value.dtype}")


def has_own_weights(module: nn.Module) -> bool:
    """Whether a layer's weight is a parameter, and not computed before each forward pass."""
    return "weight" in dict(module.named_parameters(recurse=False))


def input_rows(module: nn.Module, x: Tensor) -> Tensor:
    """Return what the output positions of a layer read.

    Args:
        module: a convolution or linear layer.
        x: its input, (N, C, H, W) or (..., in), quantised levels or any floats.

    Returns:
        (groups, N, L, K): L positions of each image, K values each, in the order of the weights.
        In units of `hwgq.STEP`, and exact integers (codes) if x holds nothing but levels. A view
        for convolutions, so that only the positions that are selected are copied.
    """
    x = x / STEP
    rounded = x.round()
    if (x - rounded).abs().max() < _CODE_ERROR:
        x = rounded
    if not isinstance(module, nn.Conv2d):
        return x.reshape(1, len(x), -1, x.shape[-1])
    top, left = captured_padding(module)
    kernel, dilation = tuple(module.kernel_size), tuple(module.dilation)
    columns = F.unfold(x, kernel, dilation, (top, left), tuple(module.stride))
    return _by_group(columns, module.groups)


def output_rows(module: nn.Module, y: Tensor) -> Tensor:
    """Return a layer's output y as rows: (groups, N, L, O) in the order of `input_rows`."""
    if not isinstance(module, nn.Conv2d):
        return y.reshape(1, len(y), -1, y.shape[-1])
    return _by_group(y.flatten(2), module.groups)


def _calls(network: nn.Module, example: Tensor) -> list[BinaryLayer]:
    calls: list[BinaryLayer] = []
    handles = []
    for layer in named_binary_layers(network):

        def record(
            _module: nn.Module,
            inputs: tuple[Tensor, ...],
            _output: Tensor,
            layer: BinaryLayer = layer,
        ) -> None:
            if not inputs:
                raise OptionError(f"{layer.name}: expected its input by position, found a keyword")
            calls.append(layer)

        handles.append(layer.module.register_forward_hook(record))
    try:
        with torch.no_grad():
            network(example)
    finally:
        for handle in handles:
            handle.remove()
    return calls


def _check_padding(layer: BinaryLayer) -> None:
    try:
        if isinstance(layer.module, nn.Conv2d):
            captured_padding(layer.module)
    except PaddingError as error:
        raise OptionError(f"{layer.name}: found {error.found}; what works: {error.works}") from None


def _by_group(values: Tensor, groups: int) -> Tensor:
    count, channels, positions = values.shape
    parted = values.reshape(count, groups, channels // groups, positions)
    return parted.permute(1, 0, 3, 2)
