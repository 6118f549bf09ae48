"""What the commands that train have in common; importing this does not import PyTorch."""

from __future__ import annotations

import importlib.util

from edgebin.errors import EdgebinError, OptionError
from edgebin.install_hint import install_command, install_torch


def need_torch(command: str) -> None:
    """Check that PyTorch is installed.

    Raises:
        EdgebinError: it is not; the line begins with the command's name.
    """
    if importlib.util.find_spec("torch") is None:
        raise EdgebinError(
            f"{command}: expected PyTorch, found none; install it with: {install_torch()}"
        )


def need_matplotlib(feature: str) -> None:
    """Check that matplotlib is installed, before any work is done.

    Raises:
        OptionError: it is not; the line begins with the feature that needs it.
    """
    try:
        import matplotlib  # noqa: F401  # the extra `plot`
    except ImportError:
        raise OptionError(
            f"{feature}: expected matplotlib, found none; "
            f"install it with: {install_command('plot')}"
        ) from None


def use_threads(count: int | None) -> None:
    """Set the number of PyTorch's CPU threads; None leaves it.

    Raises:
        OptionError: fewer than one.
    """
    if count is None:
        return
    if count < 1:
        raise OptionError(f"--threads: expected at least 1, found {count}")
    import torch

    torch.set_num_threads(count)
