"""Computes the calls of a traced graph that do not depend on the image, in float64.

Normalisation constants, the scale of a frozen batch norm, a weight that is standardised in forward:
each becomes a constant of the layer that reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.fx import Node as FxNode
from torch.fx.node import map_arg

from edgebin.errors import first_line
from edgebin.exporter.aten.captured import Activation
from edgebin.exporter.aten.hints import unsupported
from edgebin.exporter.aten.tensor_shapes import shape_of

_LIKE = {"zeros_like": 0.0, "ones_like": 1.0}
"""Operators that read the shape of a tensor alone, and what they fill it with."""


def reads_image(fx: FxNode, values: Mapping[FxNode, Any]) -> bool:
    """Return whether a call depends on the numbers in the image."""
    if _fill(fx) is not None:
        return False
    return any(isinstance(values.get(node), Activation | list) for node in fx.all_input_nodes)


def computed(fx: FxNode, values: Mapping[FxNode, Any], module: str) -> Any:
    """Return the result of a call that only reads constants.

    Raises:
        ExportError: it draws random numbers, or fails.
    """
    fill = _fill(fx)
    if fill is not None:
        return torch.full(shape_of(fx), fill, dtype=torch.float64)
    if torch.Tag.nondeterministic_seeded in getattr(fx.target, "tags", ()):
        raise unsupported(module, f"random numbers ({fx.target})", "the same numbers each time")
    args, kwargs = (map_arg(given, lambda node: _exact(values[node])) for given in _given(fx))
    try:
        with torch.no_grad():
            return fx.target(*args, **kwargs)  # type: ignore[operator]
    except Exception as error:  # whatever an operator raises on float64
        raise unsupported(
            module, f"a constant that cannot be computed: {first_line(error)}", "a buffer"
        ) from error


def _given(fx: FxNode) -> tuple[Any, Any]:
    return fx.args, fx.kwargs


def _fill(fx: FxNode) -> float | None:
    name = str(fx.target).removeprefix("aten.").partition(".")[0]
    if name == "full_like" and isinstance(fx.args[1], int | float):
        return float(fx.args[1])
    return _LIKE.get(name)


def _exact(value: Any) -> Any:
    """Return a tensor in float64 if it is real; a copy, which calls in place may change."""
    if isinstance(value, tuple | list):
        return type(value)(map(_exact, value))
    if not isinstance(value, Tensor):
        return value
    copy = value.detach().clone()
    return copy.double() if copy.is_floating_point() else copy
