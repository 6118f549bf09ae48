"""Checks that a node has exactly what its operator accepts: arity, roles, keys, types, limits.

Every failure is a `ModelFileError` of one line that names the node, the expected and the found.
Nothing is repaired and nothing unknown is skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edgebin.errors import ModelFileError
from edgebin.graph.ir import CONSTANT_DTYPES, Array, DType, Node, ValueType

MAX_DIMENSION = 2**24
MAX_TENSOR_ELEMENTS = 2**31 - 1
MAX_ACTIVATION_ELEMENTS = 2**28
MAX_INPUTS = 16
MAX_KERNEL = 2**12
MAX_PADDING = 2**12


@dataclass(frozen=True, slots=True)
class Key:
    """An attribute: the values it may have, and the one it has where the node is silent."""

    low: int
    high: int
    default: int | None = None


def refusal(node: Node, code: str, reason: str) -> ModelFileError:
    """Return the error that refuses `node` by a rule of FORMAT.md, for the caller to raise."""
    return ModelFileError(f'{node.op} "{node.name}": {reason}', code)


def require_inputs(node: Node, types: tuple[ValueType, ...], *dtypes: tuple[DType, ...]) -> None:
    """Refuse unless there is one input for each entry of `dtypes`, of one of its types."""
    if len(types) != len(dtypes):
        raise refusal(node, "node.inputs", f"takes {len(dtypes)} inputs, has {len(types)}")
    for value, accepted in zip(types, dtypes, strict=True):
        if value.dtype not in accepted:
            reason = f"takes {' or '.join(accepted)}, input is {value.dtype}"
            raise refusal(node, "node.type", reason)


def require_roles(node: Node, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
    """Refuse a constant of unknown role, and a required one that is missing."""
    for role in required:
        if role not in node.constants:
            raise refusal(node, "node.constant", f'needs a constant "{role}", has none')
    for role in node.constants:
        if role not in required and role not in optional:
            raise refusal(node, "node.constant", f'takes no constant "{role}"')


def require_constant(
    node: Node, role: str, dtypes: tuple[str, ...], shape: tuple[int, ...]
) -> Array:
    """Return the constant `role`; refuse another type or shape (0 in `shape` is any size)."""
    array = node.constants[role]
    dtype = CONSTANT_DTYPES.get(array.dtype, str(array.dtype))
    if dtype not in dtypes:
        reason = f'constant "{role}" is {" or ".join(dtypes)}, found {dtype}'
        raise refusal(node, "constant.type", reason)
    fits = array.ndim == len(shape) and all(
        wanted in (0, size) for wanted, size in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = "x".join(str(size) if size else "*" for size in shape)
        reason = f'constant "{role}" is {wanted}, found {_sizes(array.shape)}'
        raise refusal(node, "constant.shape", reason)
    if not all(1 <= size <= MAX_DIMENSION for size in array.shape):
        raise refusal(
            node,
            "tensor.dimension",
            f'constant "{role}": a dimension of {_sizes(array.shape)} is not within'
            f" 1 to {MAX_DIMENSION}",
        )
    if array.size > MAX_TENSOR_ELEMENTS:
        reason = f'constant "{role}" has {array.size} elements, at most {MAX_TENSOR_ELEMENTS}'
        raise refusal(node, "tensor.elements", reason)
    return array


def require_reals(node: Node, role: str, shape: tuple[int, ...]) -> None:
    """Refuse unless the constant `role` is f32 of that shape, and finite."""
    require_finite(node, role, require_constant(node, role, ("f32",), shape))


def require_finite(node: Node, role: str, array: Array) -> None:
    """Refuse an f32 constant that holds NaN or infinity."""
    odd = np.flatnonzero(~np.isfinite(np.asarray(array, np.float32)))
    if odd.size:
        reason = f'constant "{role}" is finite, found {array.flat[odd[0]]} at {odd[0]}'
        raise refusal(node, "constant.finite", reason)


def require_thresholds(node: Node, dtypes: tuple[str, ...], channels: int) -> None:
    """Refuse unless `thresholds` is (channels, 3), ascending in each row, without NaN."""
    thresholds = np.asarray(require_constant(node, "thresholds", dtypes, (channels, 3)))
    ascending = np.less_equal(thresholds[:, :-1], thresholds[:, 1:]).all(axis=1)
    if not ascending.all():
        channel = int(np.argmin(ascending))
        row = ", ".join(str(threshold) for threshold in thresholds[channel])
        reason = f"thresholds of channel {channel} ascend, found {row}"
        raise refusal(node, "constant.thresholds", reason)


def read_attributes(node: Node, keys: Mapping[str, Key]) -> dict[str, int]:
    """Return each attribute of `keys` or its default; refuse unknown, missing, out of range."""
    for name in node.attributes:
        if name not in keys:
            raise refusal(node, "node.attribute", f'takes no attribute "{name}"')
    values: dict[str, int] = {}
    for name, key in keys.items():
        value = node.attributes.get(name, key.default)
        if value is None:
            raise refusal(node, "node.attribute", f'needs an attribute "{name}", has none')
        if not key.low <= value <= key.high:
            reason = f"{name} is {key.low} to {key.high}, found {value}"
            raise refusal(node, "attribute.range", reason)
        values[name] = int(value)
    return values


def output_type(node: Node, dtype: DType, shape: tuple[int, int, int]) -> ValueType:
    """Return the type of the node's output; refuse a size outside the limits."""
    output = ValueType(dtype, shape)
    if not all(1 <= size <= MAX_DIMENSION for size in shape):
        reason = f"dimensions of the output are 1 to {MAX_DIMENSION}, found {_sizes(shape)}"
        raise refusal(node, "node.output", reason)
    if output.elements > MAX_ACTIVATION_ELEMENTS:
        reason = f"output has at most {MAX_ACTIVATION_ELEMENTS} elements, found {output.elements}"
        raise refusal(node, "node.output", reason)
    return output


def _sizes(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) if shape else "scalar"
