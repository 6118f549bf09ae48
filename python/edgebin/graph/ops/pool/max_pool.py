"""`max_pool`: the largest of each window, of codes or f32; padded positions never win.

The running value starts at code 0 or at -inf and gives way to larger values only, so the first of
equal ones stays (+0 and -0 are equal), and a window without a position inside keeps the start.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import output_type, read_attributes, require_inputs, require_roles
from edgebin.graph.ops.window import (
    DILATION_KEYS,
    KERNEL_KEYS,
    PADDING_KEYS,
    STRIDE_KEYS,
    pool_window,
)

KEYS = {**KERNEL_KEYS, **STRIDE_KEYS, **DILATION_KEYS, **PADDING_KEYS}


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("code", "f32"))
    require_roles(node, ())
    (x,) = types
    window = pool_window(node, read_attributes(node, KEYS))
    return output_type(node, x.dtype, (*window.checked_output(node, x), x.shape[2]))


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return codes or float32 (N, output height, output width, C); see `Op`."""
    window = pool_window(node, read_attributes(node, KEYS))
    return running_max([seen for _, _, seen in window.taps(inputs[0], lowest(inputs[0]))])


def lowest(x: Array) -> float:
    """Return what no value of `x` is below: 0 for codes, -inf for f32."""
    return -np.inf if x.dtype == np.float32 else 0


def running_max(values: list[Array]) -> npt.NDArray[np.generic]:
    """Return the first of the largest values, element by element."""
    best: npt.NDArray[np.generic] = np.full_like(values[0], lowest(values[0]))
    for value in values:
        best = np.where(np.greater(value, best), value, best)
    return best


MAX_POOL = Op("max_pool", infer, reference, Facts(Family.MAXIMUM), KEYS)
