"""Names of weights without what wrappers put before all of them.

Before:  module.conv.weight, of DataParallel and DistributedDataParallel       After:  conv.weight
Before:  _orig_mod.conv.weight, of torch.compile                               After:  conv.weight
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

_Value = TypeVar("_Value")

WRAPPERS = ("module.", "_orig_mod.")


def without_prefixes(
    weights: Mapping[str, _Value], prefixes: Sequence[str] = WRAPPERS
) -> dict[str, _Value]:
    """Return the weights without the prefixes that all of their names begin with."""
    found = dict(weights)
    while found:
        for prefix in prefixes:
            if all(name.startswith(prefix) and name != prefix for name in found):
                found = {name.removeprefix(prefix): value for name, value in found.items()}
                break
        else:
            break
    return found


def named_as(weights: Mapping[str, _Value], names: Iterable[str]) -> dict[str, _Value]:
    """Return the weights under the names of a network, where either may be of a wrapper.

    Args:
        weights: of a file.
        names: of the network's weights.
    """
    bare = without_prefixes({name: name for name in names})
    return {bare.get(name, name): value for name, value in without_prefixes(weights).items()}
