"""Residual joins: which module adds a layer's output to something else and returns the sum.

In a residual network the output of a block is a sum, so an error that the residual stream already
has can be compensated by the layer that is added to it. The module that returns the sum is found by
experiment: a constant that is added to the layer's output must come out of the module unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from edgebin.refine.layer.binary_layers import BinaryLayer

_TOLERANCE = 1e-3


def residual_joins(
    network: nn.Module, layers: Sequence[BinaryLayer], example: Tensor
) -> dict[str, str]:
    """Find the innermost module that returns each residual sum, by the last layer of the sum.

    Args:
        network: in eval mode.
        layers: its binary layers, in the order in which they run.
        example: an input of it.

    Returns:
        Name of the module by name of the layer. A layer whose output is not added, or not by a
        module that contains it, has no entry.
    """
    last: dict[str, str] = {}
    modules = dict(network.named_modules())
    for layer in layers:
        path = layer.name.split(".")[:-1]
        while path:
            name = ".".join(path)
            if _returns_sum(network, modules[name], layer.module, example):
                last[name] = layer.name
                break
            path.pop()
    return {layer: name for name, layer in last.items()}


def _returns_sum(network: nn.Module, module: nn.Module, layer: nn.Module, x: Tensor) -> bool:
    plain = _output(network, module, layer, x, 0.0)
    shift = float(plain.abs().mean()) + 1.0 if plain is not None else 1.0
    shifted = _output(network, module, layer, x, shift)
    if plain is None or shifted is None or plain.shape != shifted.shape:
        return False
    return bool((shifted - plain - shift).abs().max() <= _TOLERANCE * shift)


def _output(
    network: nn.Module, module: nn.Module, layer: nn.Module, x: Tensor, shift: float
) -> Tensor | None:
    """Return the module's output where `shift` is added to the layer's; None if it is no sum."""
    outputs: list[object] = []
    shapes: list[torch.Size] = []

    def add(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        shapes.append(output.shape)
        return output + shift

    handles = [
        layer.register_forward_hook(add),
        module.register_forward_hook(lambda _module, _inputs, output: outputs.append(output)),
    ]
    try:
        with torch.no_grad():
            network(x)
    finally:
        for handle in handles:
            handle.remove()
    if len(outputs) != 1:  # a list of modules is never called, and a shared one has several sums
        return None
    output = outputs[0]
    return output if isinstance(output, Tensor) and output.shape == shapes[0] else None
