"""The optimizer's state out of a checkpoint, entry by entry.

The recipe alone decides the settings; the file gives the buffers, which must be of the same
optimizer, parameters and shapes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from edgebin.train.checkpoint.entries import damaged, is_tensor

_BUFFERS: Mapping[type, frozenset[str]] = MappingProxyType(
    {
        torch.optim.SGD: frozenset({"momentum_buffer"}),
        torch.optim.AdamW: frozenset({"step", "exp_avg", "exp_avg_sq"}),
    }
)


def restore_optimizer(
    optimizer: torch.optim.Optimizer, saved: Mapping[str, object], path: Path
) -> None:
    """Load the buffers that a checkpoint has of the optimizer, and none of its settings.

    Args:
        optimizer: as `make_optimizer` gives it.
        saved: the checkpoint's entry "optimizer".
        path: of the checkpoint, for messages.

    Raises:
        CheckpointError: an entry is not what that optimizer keeps of these parameters.
    """
    groups = optimizer.state_dict()["param_groups"]
    if not _same_groups(saved.get("param_groups"), groups):
        found = saved.get("param_groups")
        raise damaged(path, "optimizer.param_groups", "the parameters of the network", found)
    state = saved.get("state")
    if not isinstance(state, dict):
        raise damaged(path, "optimizer.state", "a table", state)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for index in state:
        if type(index) is not int or not 0 <= index < len(parameters):
            raise damaged(path, "optimizer.state", "numbers of parameters", index)
    names = _BUFFERS[type(optimizer)]
    buffers = {
        index: _buffers(entries, parameters[index], names, f"optimizer.state.{index}", path)
        for index, entries in state.items()
    }
    # The recipe alone decides the settings, so the file's are not taken.
    optimizer.load_state_dict({"state": buffers, "param_groups": groups})


def _same_groups(saved: object, groups: list[dict[str, Any]]) -> bool:
    if not isinstance(saved, list) or len(saved) != len(groups):
        return False
    for found, expected in zip(saved, groups, strict=True):
        indices = found.get("params") if isinstance(found, dict) else None
        if not isinstance(indices, list) or any(type(index) is not int for index in indices):
            return False
        if indices != expected["params"]:
            return False
    return True


def _buffers(
    entries: object, parameter: Tensor, names: frozenset[str], label: str, path: Path
) -> dict[str, Tensor]:
    if not isinstance(entries, dict):
        raise damaged(path, label, "a table", entries)
    if entries and entries.keys() != names:
        raise damaged(path, label, f"the entries {', '.join(sorted(names))}", entries)
    buffers = {}
    for name, value in entries.items():
        shape = torch.Size() if name == "step" else parameter.shape
        if not (is_tensor(value) and value.is_floating_point() and value.shape == shape):
            expected = f"a float tensor of shape {tuple(shape)}"
            raise damaged(path, f"{label}.{name}", expected, value)
        if name == "step" and not 0 <= value.item() < math.inf:
            raise damaged(path, f"{label}.{name}", "a step of at least 0", value.item())
        # A copy, for a tensor of a file may overlap itself or another.
        buffers[name] = value.detach().clone()
    return buffers
