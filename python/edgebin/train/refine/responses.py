"""What modules read and answer inside a network, without running the rest of it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class _AllSeen(Exception):
    """Ends a forward pass when nothing is left to see."""


def seen_at(
    network: nn.Module, modules: Sequence[nn.Module], x: Tensor
) -> list[tuple[Tensor, Tensor]]:
    """Input and output of some modules in a forward pass of x, which ends at the last of them.

    Args:
        network: on x's device.
        modules: some of its modules, each of which runs once.
        x: the network's input.

    Returns:
        A pair for each module, in the order given.
    """
    found: dict[nn.Module, tuple[Tensor, Tensor]] = {}

    def look(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        found[module] = inputs[0], output
        if len(found) == len(modules):
            raise _AllSeen

    handles = [module.register_forward_hook(look) for module in modules]
    try:
        with torch.no_grad():
            network(x)
    except _AllSeen:
        pass
    finally:
        for handle in handles:
            handle.remove()
    return [found[module] for module in modules]
