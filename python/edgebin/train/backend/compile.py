"""`torch.compile` where it works, the plain network where it does not.

It is tried on one batch of zeros before training, forwards and backwards, so that a machine without
a compiler is told so in one line instead of in the middle of an epoch. It refuses to hide what
failed, and to have some of several processes compile: those would wait for others in vain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from edgebin.errors import EdgebinError, first_line
from edgebin.train.backend.distributed import summed, world

_REFUSAL = "torch.compile does not work here, training without it"


def compiled_or_not(network: nn.Module, like: Tensor, say: Callable[[str], None]) -> nn.Module:
    """A compiled forward of the network in its mode, or the network itself.

    Args:
        network: in training mode, or a teacher in eval mode; its buffers are unchanged afterwards.
        like: a batch as training will give it: shape, dtype, device, memory format.
        say: told in one line why there is no compiled forward.

    Raises:
        EdgebinError: of several processes this one cannot compile the network, though each can
            compile something.
    """
    several = world().size > 1
    if several:  # a network's own trial waits for all of them, in its batch norms
        why = _why_not(lambda: torch.compile(_something, dynamic=False)(torch.ones_like(like)))
        if summed(torch.tensor(float(bool(why)), device=like.device)).item():
            say(f"{_REFUSAL}: {why or 'another process of the run cannot'}")
            return network
    buffers = [(buffer, buffer.clone()) for buffer in network.buffers()]
    forward = cast(nn.Module, torch.compile(network, dynamic=False))
    why = _why_not(lambda: _tried(forward, network, torch.zeros_like(like)))
    if why and several:
        raise EdgebinError(
            f"torch.compile fails for this network in several processes: {why}; what works: "
            "[run] compile = false"
        )
    if why:
        say(f"{_REFUSAL}: {why}")
        forward = network
    with torch.no_grad():
        for buffer, before in buffers:
            buffer.copy_(before)
    return forward


def _something(x: Tensor) -> Tensor:
    return x * 2 + 1


def _tried(forward: nn.Module, network: nn.Module, x: Tensor) -> None:
    logits = forward(x)
    if logits.requires_grad:  # else nothing is trained here, or it is a teacher
        trained = [value for value in network.parameters() if value.requires_grad]
        torch.autograd.grad(logits.sum(), trained, allow_unused=True)


def _why_not(attempt: Callable[[], object]) -> str:
    """The error of an attempt to compile in one line, or "" where it works."""
    try:
        attempt()
    except (RuntimeError, OSError, ImportError) as error:
        return first_line(error)
    return ""
