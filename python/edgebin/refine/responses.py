"""What modules read and answer inside a network, without running the rest of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError


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
        A pair for each module, in the order given; the input is its first tensor, by position or
        by keyword.

    Raises:
        OptionError: the forward pass does not run one of them, or one takes no tensor or answers
            with anything but one.
    """
    names = {module: name for name, module in network.named_modules()}
    found: dict[nn.Module, tuple[Tensor, Tensor]] = {}

    def look(
        module: nn.Module, inputs: tuple[object, ...], more: Mapping[str, object], output: object
    ) -> None:
        given = [value for value in (*inputs, *more.values()) if isinstance(value, Tensor)]
        if not given:
            raise OptionError(f"{names[module]}: expected a tensor to read, found none")
        if not isinstance(output, Tensor):
            kind = type(output).__name__
            raise OptionError(f"{names[module]}: expected a tensor as its answer, found {kind}")
        last = len(found) == len(modules) - 1
        # Copies where the network goes on, for it may work in place.
        found[module] = (given[0], output) if last else (given[0].clone(), output.clone())
        if last:
            raise _AllSeen

    handles = [module.register_forward_hook(look, with_kwargs=True) for module in modules]
    try:
        with torch.no_grad():
            network(x)
    except _AllSeen:
        pass
    finally:
        for handle in handles:
            handle.remove()
    for module in modules:
        if module not in found:
            raise OptionError(
                f"{names[module]}: expected a layer that the forward pass runs, found it idle"
            )
    return [found[module] for module in modules]
