"""The binary layers of a network, in the order in which they run, and what they read and answer.

A layer's rows are what its output positions read: patches of a convolution's input, padding
included, or a linear layer's inputs. It refuses layers that run more than once in a forward pass,
and padding that is not of zeros.
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

_CODE_ERROR = 1e-3  # of a step: more than rounding leaves, less than any real value


@dataclass(frozen=True, slots=True)
class Site:
    """A binary layer and its name in the network."""

    name: str
    layer: BinaryConv2d | BinaryLinear


def binary_sites(network: nn.Module, example: Tensor) -> list[Site]:
    """The binary layers that one forward pass runs, in its order.

    Args:
        network: in eval mode.
        example: an input of it.

    Raises:
        OptionError: there is none, or one runs more than once, has its input by keyword, pads with
            other things than zeros or makes its weights of other tensors; or the network computes
            in anything but float32.
    """
    check_float32(network)
    names = {module: name for name, module in network.named_modules()}
    calls: list[nn.Module] = []

    def look(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if not inputs:
            raise OptionError(f"{names[module]}: expected its input by position, found a keyword")
        calls.append(module)

    handles = [
        module.register_forward_hook(look)
        for module in names
        if isinstance(module, BinaryConv2d | BinaryLinear)
    ]
    try:
        with torch.no_grad():
            network(example)
    finally:
        for handle in handles:
            handle.remove()
    sites = []
    for layer in dict.fromkeys(calls):
        if calls.count(layer) > 1:
            raise OptionError(f"{names[layer]}: expected a layer that runs once, found it shared")
        assert isinstance(layer, BinaryConv2d | BinaryLinear)
        if not has_own_weights(layer):
            raise OptionError(
                f"{names[layer]}: expected weights of its own, found a parametrisation"
            )
        _check_padding(names[layer], layer)
        sites.append(Site(names[layer], layer))
    if not sites:
        raise OptionError("network: expected binary layers, found none")
    return sites


def check_float32(network: nn.Module) -> None:
    """Raises OptionError where a parameter or buffer has real values of another type."""
    for name, value in network.state_dict().items():
        if not isinstance(value, Tensor):  # a module's extra state
            continue
        if value.is_floating_point() and value.dtype != torch.float32:
            raise OptionError(f"{name}: expected torch.float32, found {value.dtype}")


def has_own_weights(layer: nn.Module) -> bool:
    """Whether a layer's weight is a parameter, and not made of others before each forward pass."""
    return "weight" in dict(layer.named_parameters(recurse=False))


def rows_read(layer: nn.Module, x: Tensor) -> Tensor:
    """What the positions of a layer's output read, in codes where they are codes.

    Args:
        layer: a convolution or linear layer.
        x: its input, (N, C, H, W) or (..., in), levels or any real values.

    Returns:
        (groups, N, L, K): L positions of each picture, K values each, in the order of the weights.
        In units of `hwgq.STEP`, and exact integers if x holds nothing but levels. A view for
        convolutions, so that only positions that are chosen are copied.
    """
    x = x / STEP
    rounded = x.round()
    if (x - rounded).abs().max() < _CODE_ERROR:
        x = rounded
    if not isinstance(layer, nn.Conv2d):
        return x.reshape(1, len(x), -1, x.shape[-1])
    top, left = captured_padding(layer)
    kernel, dilation = tuple(layer.kernel_size), tuple(layer.dilation)
    patches = F.unfold(x, kernel, dilation, (top, left), tuple(layer.stride))
    return _by_group(patches, layer.groups)


def rows_answered(layer: nn.Module, y: Tensor) -> Tensor:
    """A layer's output y as rows: (groups, N, L, O) in the order of `rows_read`."""
    if not isinstance(layer, nn.Conv2d):
        return y.reshape(1, len(y), -1, y.shape[-1])
    return _by_group(y.flatten(2), layer.groups)


def _check_padding(name: str, layer: nn.Module) -> None:
    try:
        if isinstance(layer, nn.Conv2d):
            captured_padding(layer)
    except PaddingError as error:
        raise OptionError(f"{name}: found {error.found}; what works: {error.works}") from None


def _by_group(values: Tensor, groups: int) -> Tensor:
    count, channels, positions = values.shape
    parted = values.reshape(count, groups, channels // groups, positions)
    return parted.permute(1, 0, 3, 2)
