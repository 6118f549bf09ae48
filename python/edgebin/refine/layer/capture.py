"""Inputs and outputs of modules inside a network, without running the rest of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError


class _AllCaptured(Exception):
    """Ends a forward pass when nothing is left to capture."""


def capture(
    network: nn.Module, modules: Sequence[nn.Module], x: Tensor
) -> list[tuple[Tensor, Tensor]]:
    """Capture input and output of some modules in a forward pass, which ends at the last of them.

    Args:
        network: on the device of x.
        modules: some of its modules, each of which runs once.
        x: the network's input.

    Returns:
        A pair for each module, in the order given; the input is its first tensor, by position or
        by keyword.

    Raises:
        OptionError: the forward pass does not run one of them, or one takes no tensor or returns
            anything but one.
    """
    names = {module: name for name, module in network.named_modules()}
    pairs: dict[nn.Module, tuple[Tensor, Tensor]] = {}

    def record(
        module: nn.Module, args: tuple[object, ...], kwargs: Mapping[str, object], output: object
    ) -> None:
        inputs = [value for value in (*args, *kwargs.values()) if isinstance(value, Tensor)]
        if not inputs:
            raise OptionError(f"{names[module]}: expected a tensor to read, found none")
        if not isinstance(output, Tensor):
            kind = type(output).__name__
            raise OptionError(f"{names[module]}: expected a tensor as its output, found {kind}")
        is_last = len(pairs) == len(modules) - 1
        # Copies where the network goes on, because it may work in place.
        pairs[module] = (inputs[0], output) if is_last else (inputs[0].clone(), output.clone())
        if is_last:
            raise _AllCaptured

    handles = [module.register_forward_hook(record, with_kwargs=True) for module in modules]
    try:
        with torch.no_grad():
            network(x)
    except _AllCaptured:
        pass
    finally:
        for handle in handles:
            handle.remove()
    for module in modules:
        if module not in pairs:
            raise OptionError(
                f"{names[module]}: expected a layer that the forward pass runs, found it unused"
            )
    return [pairs[module] for module in modules]
