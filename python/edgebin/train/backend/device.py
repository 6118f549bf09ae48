"""The devices that train: the CPU, and GPUs that PyTorch reaches as CUDA devices."""

from __future__ import annotations

import torch

from edgebin.errors import OptionError


def training_device(device: str | torch.device, *, option: str = "device") -> torch.device:
    """Return a device that training supports and that is there.

    Args:
        device: "cpu", "cuda", "cuda:1" and so on, or the same as a torch.device.
        option: what the message calls it.

    Raises:
        OptionError: it is of another kind, or not there.
    """
    kind, _, _ = str(device).partition(":")
    if kind not in ("cpu", "cuda"):
        hint = ""
        if kind == "mps":
            hint = "; Apple's GPUs are not supported, a Mac trains on its CPU"
        raise OptionError(f"{option}: expected cpu or cuda, found {str(device)!r}{hint}")
    try:
        chosen = torch.device(device)
    except RuntimeError:  # of an index that is no number
        raise OptionError(f"{option}: expected cpu or cuda, found {str(device)!r}") from None
    if chosen.type == "cuda":
        check_cuda(chosen.index or 0, option)
    return chosen


def check_cuda(index: int, option: str) -> None:
    """Raise OptionError unless there is a CUDA device of that index, counted from 0."""
    if not torch.cuda.is_available():
        raise OptionError(f"{option}: expected a CUDA device that PyTorch can use, found none")
    count = torch.cuda.device_count()
    if index >= count:
        raise OptionError(
            f"{option}: expected a CUDA device below cuda:{count}, found cuda:{index}"
        )
