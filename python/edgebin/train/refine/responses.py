"""What a layer reads and answers inside a network, without running the rest of it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError


class _Reached(Exception):
    """Ends a forward pass at the layer that was to be seen."""


def seen_at(network: nn.Module, layer: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    """Input and output of a layer in a forward pass of x, which ends there.

    Args:
        network: on x's device.
        layer: one of its modules.
        x: the network's input.

    Raises:
        OptionError: the forward pass does not run the layer.
    """
    found: list[tuple[Tensor, Tensor]] = []

    def look(_module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        found.append((inputs[0], output))
        raise _Reached

    handle = layer.register_forward_hook(look)
    try:
        with torch.no_grad():
            network(x)
    except _Reached:
        pass
    finally:
        handle.remove()
    if not found:
        name = next(name for name, module in network.named_modules() if module is layer)
        raise OptionError(f"{name}: expected a layer that the forward pass runs, found it idle")
    return found[0]
