"""Copies a user's module, so that the original is never changed."""

from __future__ import annotations

import copy
import itertools
from typing import TypeVar

from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from edgebin.errors import ExportError, first_line

_Module = TypeVar("_Module", bound=nn.Module)


def copied(model: _Module) -> _Module:
    """Return a deep copy on the same device.

    Raises:
        ExportError: it cannot be copied, or is on the device meta and has no weights.
    """
    kind = type(model).__name__
    if any(map(is_lazy, itertools.chain(model.parameters(), model.buffers()))):
        raise ExportError(
            f"{kind}: expected weights, found lazy layers without any; what works: one call of the "
            "network on an image first"
        )
    if any(value.is_meta for value in itertools.chain(model.parameters(), model.buffers())):
        raise ExportError(
            f"{kind}: expected weights, found some on the device meta, without values"
        )
    try:
        return copy.deepcopy(model, _computed(model))
    except Exception as error:  # whatever the module holds besides weights
        raise ExportError(
            f"{kind}: expected a module that copy.deepcopy can copy, found: {first_line(error)}"
        ) from error


def _computed(model: nn.Module) -> dict[int, Tensor]:
    """Return copies, by id, of what torch refuses to copy: attributes that carry a gradient.

    Weight norm by a hook and pruning leave the computed weight so.
    """
    return {
        id(value): value.detach().clone()
        for module in model.modules()
        for value in vars(module).values()
        if isinstance(value, Tensor) and not value.is_leaf
    }
