"""Which traced tensors share memory, so that a call in place on one changes the others."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
from torch.fx import Node as FxNode

from edgebin.exporter.aten.captured import Activation


def changes_what_is_read_later(call: FxNode, values: Mapping[FxNode, Any]) -> bool:
    """Return whether a call in place changes other tensors than its argument that are read later.

    Args:
        call: whose first argument is written to.
        values: what the calls before it gave.
    """
    written = call.args[0]
    if not isinstance(written, FxNode):
        return False
    base = _base(written)
    later = False
    for fx in call.graph.nodes:
        if fx is call:
            later = True
        elif later and any(
            read is not written
            and read < call
            and _base(read) is base
            and _overlap(values[read], values[written])
            for read in fx.all_input_nodes
        ):
            return True
    return False


def _base(fx: FxNode) -> FxNode:
    """Return the tensor that a view, or a view of a view, is of."""
    while fx.op == "call_function" and _is_view(fx) and isinstance(fx.args[0], FxNode):
        fx = fx.args[0]
    return fx


def _is_view(fx: FxNode) -> bool:
    if fx.target is operator.getitem:
        return True
    schema = getattr(fx.target, "_schema", None)
    results = () if schema is None else schema.returns
    return any(result.alias_info is not None for result in results)


def _overlap(one: object, other: object) -> bool:
    """Return whether two views of a tensor share elements."""
    if not isinstance(one, Activation) or not isinstance(other, Activation):
        return True
    if one.order is None or other.order is None:
        return True
    return bool(np.isin(one.order, other.order).any())
