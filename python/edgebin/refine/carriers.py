"""Residual sums: which module adds a layer's answer to something else and gives the sum.

In a residual network what a block answers is a sum, so an error that the stream already carries can
be made good by the layer that is added to it. Which module that is, is found by trying: what is
added to the layer's answer must come out of the module, as it is. It refuses to read code.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from edgebin.refine.sites import Site

_TOLERANCE = 1e-3


def carriers(network: nn.Module, sites: Sequence[Site], example: Tensor) -> dict[str, str]:
    """For the last layer of every residual sum, the innermost module that gives the sum.

    Args:
        network: in eval mode.
        sites: its binary layers, in the order in which they run.
        example: an input of it.

    Returns:
        Name of the module by name of the layer. Layers whose answer is not added, or not by a
        module that holds them, are left out.
    """
    last: dict[str, str] = {}
    modules = dict(network.named_modules())
    for site in sites:
        path = site.name.split(".")[:-1]
        while path:
            name = ".".join(path)
            if _carries(network, modules[name], site.layer, example):
                last[name] = site.name
                break
            path.pop()
    return {layer: name for name, layer in last.items()}


def _carries(network: nn.Module, module: nn.Module, layer: nn.Module, x: Tensor) -> bool:
    plain = _output(network, module, layer, x, 0.0)
    size = float(plain.abs().mean()) + 1.0 if plain is not None else 1.0
    moved = _output(network, module, layer, x, size)
    if plain is None or moved is None or plain.shape != moved.shape:
        return False
    return bool((moved - plain - size).abs().max() <= _TOLERANCE * size)


def _output(
    network: nn.Module, module: nn.Module, layer: nn.Module, x: Tensor, added: float
) -> Tensor | None:
    outputs: list[object] = []
    shapes: list[torch.Size] = []

    def add(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        shapes.append(output.shape)
        return output + added

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
