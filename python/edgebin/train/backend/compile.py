"""`torch.compile` where it works, the plain network where it does not.

Compilation is tried on one black batch before training, forwards and backwards, so that a machine
without a compiler is reported in one line instead of in the middle of an epoch. Of several
processes either all compile or none does: those that compile would wait for the others in vain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from edgebin.errors import EdgebinError, first_line
from edgebin.train.backend.distributed import summed, world

_UNAVAILABLE = "torch.compile does not work here, training without it"


def compiled_or_plain(network: nn.Module, example: Tensor, say: Callable[[str], None]) -> nn.Module:
    """Return a compiled forward of the network in its mode, or the network itself.

    Args:
        network: in training mode, or a teacher in eval mode; its buffers are unchanged afterwards.
        example: a batch as training will give it: shape, dtype, device, memory format.
        say: called with one line if there is no compiled forward.

    Raises:
        EdgebinError: of several processes this one cannot compile the network, though each can
            compile something.
    """
    distributed = world().size > 1
    if distributed:  # the network's own trial waits for all processes, in its batch norms
        failure = _failure(lambda: torch.compile(_probe, dynamic=False)(torch.ones_like(example)))
        if summed(torch.tensor(float(bool(failure)), device=example.device)).item():
            say(f"{_UNAVAILABLE}: {failure or 'another process of the run cannot'}")
            return network
    buffers = [(buffer, buffer.clone()) for buffer in network.buffers()]
    forward = cast(nn.Module, torch.compile(network, dynamic=False))
    failure = _failure(lambda: _try_step(forward, network, torch.zeros_like(example)))
    if failure and distributed:
        raise EdgebinError(
            f"torch.compile fails for this network in several processes: {failure}; what works: "
            "[run] compile = false"
        )
    if failure:
        say(f"{_UNAVAILABLE}: {failure}")
        forward = network
    with torch.no_grad():
        for buffer, before in buffers:
            buffer.copy_(before)
    return forward


def _probe(x: Tensor) -> Tensor:
    """A function that any compiler can compile."""
    return x * 2 + 1


def _try_step(forward: nn.Module, network: nn.Module, x: Tensor) -> None:
    logits = forward(x)
    if logits.requires_grad:  # else nothing is trained here, or it is a teacher
        trained = [value for value in network.parameters() if value.requires_grad]
        torch.autograd.grad(logits.sum(), trained, allow_unused=True)


def _failure(attempt: Callable[[], object]) -> str:
    """The error of an attempt to compile in one line, or "" if it works."""
    try:
        attempt()
    except (RuntimeError, OSError, ImportError) as error:
        return first_line(error)
    return ""
