"""Recognises ReLU and ReLU6 however they are written.

Before:  x.clamp(min=0), F.threshold(x, 0, 0), torch.maximum(x, zeros), nn.Hardtanh(0, inf)
After:   F.relu(x)
Before:  x.clamp(0, 6), F.hardtanh(x, 0, 6)       After:  F.relu6(x)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.fx import GraphModule, Node

from edgebin.converter.kinds import module_of

_Bounds = tuple[object, object]


def use_one_spelling(graph: GraphModule, node: Node) -> None:
    """Make a call F.relu or F.relu6 if that is what it computes."""
    read = _read_and_bounds(graph, node)
    if read is None:
        return
    value, (low, high) = read
    if not isinstance(value, Node) or not _is_number(low, 0):
        return
    if _is_number(high, 6):
        node.target = F.relu6
    elif high is None or _is_number(high, math.inf):
        node.target = F.relu
    else:
        return
    node.op, node.args, node.kwargs = "call_function", (value,), {}


def _read_and_bounds(graph: GraphModule, node: Node) -> tuple[object, _Bounds] | None:
    """Return what a clip reads, and its bounds; None if the call is no clip."""
    module = module_of(graph, node)
    if module is not None:
        bounds = _module_bounds(module)
        return (node.args[0], bounds) if bounds is not None and node.args else None
    name = node.target if node.op == "call_method" else _FUNCTIONS.get(node.target)
    reader = _READERS.get(str(name))
    if reader is None or node.op not in ("call_method", "call_function"):
        return None
    arguments = reader(node.args, node.kwargs)
    if arguments is None:
        return None
    value, low, high = (_constant(graph, argument) for argument in arguments)
    if isinstance(low, Node) and not isinstance(value, Node):  # torch.maximum(zeros, x)
        value, low = low, value
    return value, (low, high)


def _module_bounds(module: nn.Module) -> _Bounds | None:
    if module._forward_hooks or module._forward_pre_hooks:
        return None
    if type(module) is nn.Hardtanh:
        return module.min_val, module.max_val
    if type(module) is nn.Threshold and module.threshold == module.value:
        return module.threshold, None
    return None


_Arguments = tuple[object, object, object]
"""What a clip reads, its lower and its upper bound."""


def _clamp(args: Sequence[Any], kwargs: Mapping[str, Any]) -> _Arguments | None:
    given = dict(zip(("input", "min", "max"), args, strict=False)) | dict(kwargs)
    return given.get("input"), given.get("min"), given.get("max")


def _threshold(args: Sequence[Any], kwargs: Mapping[str, Any]) -> _Arguments | None:
    given = dict(zip(("input", "threshold", "value"), args, strict=False)) | dict(kwargs)
    low, value = given.get("threshold"), given.get("value")
    return (given.get("input"), low, None) if _is_number(low, 0) and _is_number(value, 0) else None


def _hardtanh(args: Sequence[Any], kwargs: Mapping[str, Any]) -> _Arguments | None:
    given = dict(zip(("input", "min_val", "max_val"), args, strict=False)) | dict(kwargs)
    return given.get("input"), given.get("min_val", -1), given.get("max_val", 1)


def _maximum(args: Sequence[Any], kwargs: Mapping[str, Any]) -> _Arguments | None:
    given = dict(zip(("input", "other"), args, strict=False)) | dict(kwargs)
    return (given["input"], given["other"], None) if given.keys() == {"input", "other"} else None


_READERS: Mapping[str, Callable[[Sequence[Any], Mapping[str, Any]], _Arguments | None]] = {
    "clamp": _clamp,
    "clip": _clamp,
    "clamp_min": _clamp,
    "threshold": _threshold,
    "hardtanh": _hardtanh,
    "maximum": _maximum,
    "max": _maximum,
}
_FUNCTIONS: Mapping[object, str] = {
    torch.clamp: "clamp",
    torch.clip: "clip",
    torch.clamp_min: "clamp_min",
    torch.threshold: "threshold",
    F.threshold: "threshold",
    F.hardtanh: "hardtanh",
    torch.maximum: "maximum",
    torch.max: "max",
}


def _constant(graph: GraphModule, argument: object) -> object:
    """Return the number that a tensor of one value, or of zeros, stands for; else the argument."""
    if isinstance(argument, Node) and argument.target is torch.zeros_like:
        return 0.0
    if isinstance(argument, Node) and argument.op == "get_attr":
        held = getattr(graph, str(argument.target), None)
        if isinstance(held, Tensor) and held.numel() and bool((held == held.reshape(-1)[0]).all()):
            return float(held.reshape(-1)[0])
    return argument


def _is_number(value: object, expected: float) -> bool:
    return isinstance(value, int | float) and value == expected
