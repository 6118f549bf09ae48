"""The precision of a training step: float32, or bfloat16 where torch.autocast takes it.

Weights, their gradients, the optimizer, HWGQ's thresholds and the score stay float32; products, and
the activations between them, are rounded. A GPU's convolutions would round the score's products
too, to TF32, and move codes over their thresholds. float16 is not offered: its range needs a
scaled loss.
Source: Micikevicius et al., "Mixed Precision Training", ICLR 2018, arXiv 1710.03740.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

_X86 = ("x86_64", "AMD64")
_WITHOUT_BFLOAT16 = ("NO AVX", "DEFAULT", "AVX2")  # as torch names what an x86 CPU has


def autocast(precision: str, device: torch.device) -> torch.autocast:
    """Return the context in which a training forward runs.

    Args:
        precision: "float32", which changes nothing, or "bfloat16".
        device: where the network is.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")


def is_emulated(precision: str, device: torch.device) -> bool:
    """Return whether products of that precision are slower than float32's: on older x86."""
    if precision != "bfloat16" or device.type != "cpu" or platform.machine() not in _X86:
        return False
    return torch.backends.cpu.get_cpu_capability() in _WITHOUT_BFLOAT16


@contextmanager
def exact_convolutions() -> Iterator[None]:
    """Keep a GPU's float32 convolutions from rounding their factors to TF32, in the block."""
    cudnn: Any = torch.backends.cudnn
    # Newer versions raise if the old setting is read after the new one was changed.
    newer = hasattr(cudnn, "conv")
    settings, name = (cudnn.conv, "fp32_precision") if newer else (cudnn, "allow_tf32")
    before = getattr(settings, name)
    setattr(settings, name, "ieee" if newer else False)
    try:
        yield
    finally:
        setattr(settings, name, before)
