"""Checks that the traced graph computes what the module computes, on the calibration images.

torch.fx does not record what Python decides in a forward, what is drawn at random, hooks, or a
value that is changed in place under a second name. Such a network would silently become another
one.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping

from torch import Tensor, nn
from torch.fx import GraphModule

from edgebin.errors import ExportError, first_line

_TOLERANCE = 1e-3
"""Of the largest output. The same operators in another order or layout are far nearer."""


def check_traced(model: nn.Module, graph: GraphModule, batch: Tensor) -> None:
    """Raise ExportError if their outputs differ in number or value, or are not finite."""
    kind = type(model).__name__
    try:
        # A copy for each: a network may change its input.
        expected, found = (list(_tensors(net(batch.clone()))) for net in (model, graph))
    except Exception as error:  # whatever hooks and the module's own code raise
        raise ExportError(
            f"{kind}: expected a module that runs on the images, found: {first_line(error)}"
        ) from error
    if not all(bool(value.isfinite().all()) for value in expected if value.is_floating_point()):
        raise ExportError(f"{kind}: expected finite outputs on the images, found others")
    if not expected:
        raise ExportError(f"{kind}: expected tensors as outputs, found none")
    apart = math.inf
    if [value.shape for value in expected] == [value.shape for value in found]:
        pairs = zip(expected, found, strict=True)
        apart = max(_apart(mine, other) for mine, other in pairs)
    if not apart <= _TOLERANCE:
        raise ExportError(
            f"{kind}: expected a module whose trace computes the same, found outputs {apart:.1%} "
            "apart; torch.fx does not see hooks, what Python decides in a forward, what is drawn "
            "at random, nor values that are changed in place under a second name"
        )


def _apart(one: Tensor, other: Tensor) -> float:
    """Return the largest difference as a share of the largest value."""
    wanted, found = one.double(), other.double()
    if not wanted.numel():
        return 0.0
    return float((wanted - found).abs().max() / wanted.abs().max().clamp_min(1e-30))


def _tensors(output: object) -> Iterator[Tensor]:
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, Mapping):
        for value in output.values():
            yield from _tensors(value)
    elif isinstance(output, tuple | list):
        for value in output:
            yield from _tensors(value)
    elif dataclasses.is_dataclass(output):
        for field in dataclasses.fields(output):
            yield from _tensors(getattr(output, field.name))
