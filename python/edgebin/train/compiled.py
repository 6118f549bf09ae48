"""`torch.compile` where it works, the plain network where it does not.

It is tried on one batch of zeros before training, forwards and backwards, so that a machine without
a compiler is told so in one line instead of in the middle of an epoch. It refuses to hide what
failed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from edgebin.errors import first_line


def compiled_or_not(network: nn.Module, like: Tensor, say: Callable[[str], None]) -> nn.Module:
    """A compiled forward of the network in its mode, or the network itself.

    Args:
        network: in training mode, or a teacher in eval mode; its buffers are unchanged afterwards.
        like: a batch as training will give it: shape, dtype, device, memory format.
        say: told in one line why there is no compiled forward.
    """
    buffers = [(buffer, buffer.clone()) for buffer in network.buffers()]
    forward = cast(nn.Module, torch.compile(network, dynamic=False))
    try:
        logits = forward(torch.zeros_like(like))
        if logits.requires_grad:  # else nothing is trained here, or it is a teacher
            trained = [value for value in network.parameters() if value.requires_grad]
            torch.autograd.grad(logits.sum(), trained, allow_unused=True)
    except (RuntimeError, OSError, ImportError) as error:
        say(f"torch.compile does not work here, training without it: {first_line(error)}")
        forward = network
    with torch.no_grad():
        for buffer, before in buffers:
            buffer.copy_(before)
    return forward
