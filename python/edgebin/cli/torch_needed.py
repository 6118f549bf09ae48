"""What the commands that need PyTorch have in common; importing this does not import it."""

from __future__ import annotations

import importlib.util

from edgebin.errors import EdgebinError, OptionError


def need_torch(command: str) -> None:
    """Raises EdgebinError, beginning with the command's name, where PyTorch is not installed."""
    if importlib.util.find_spec("torch") is None:
        raise EdgebinError(
            f"{command}: expected PyTorch, found none; "
            "install it with: pip install 'edgebin[train]'"
        )


def use_threads(count: int | None) -> None:
    """Sets PyTorch's threads on the CPU; None leaves them.

    Raises:
        OptionError: fewer than one.
    """
    if count is None:
        return
    if count < 1:
        raise OptionError(f"--threads: expected at least 1, found {count}")
    import torch

    torch.set_num_threads(count)
