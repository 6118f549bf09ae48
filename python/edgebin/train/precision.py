"""The precision of a training step: float32, or bfloat16 where torch.autocast takes it.

Weights, their gradients, the optimiser, HWGQ's thresholds and the score stay float32; products, and
the activations between them, are rounded. It refuses float16, whose range would need a scaled loss.
Source: Micikevicius et al., "Mixed Precision Training", ICLR 2018, arXiv 1710.03740.
"""

from __future__ import annotations

import torch

PRECISIONS = ("float32", "bfloat16")


def autocast(precision: str, device: torch.device) -> torch.autocast:
    """The context in which a training forward runs.

    Args:
        precision: one of PRECISIONS; "float32" changes nothing.
        device: where the network lies.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")
