"""The activations with their constants, and the shapes that broadcast, for tests that draw them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from edgebin.graph.ir import Array, ValueType
from graphs.sketch import bounds, f32

PLAIN = ("exp", "sigmoid", "tanh", "silu", "gelu", "gelu_tanh", "hard_sigmoid", "hard_swish")

ACTIVATIONS: Mapping[str, Callable[[np.random.Generator, int], dict[str, Array]]] = {
    **{op: lambda rng, channels: {} for op in PLAIN},
    "elu": lambda rng, channels: {"alpha": f32(rng, 1)},
    "prelu": lambda rng, channels: {"slope": f32(rng, channels)},
    "clamp": lambda rng, channels: bounds(rng),
}
"""Operator -> (generator, channels) -> constants."""

ARITHMETIC = ("add", "sub", "mul")


def broadcasts(a: ValueType, b: ValueType) -> bool:
    """Return whether two values of f32 may be added."""
    sizes = zip(a.shape, b.shape, strict=True)
    return {a.dtype, b.dtype} == {"f32"} and all(x == y or 1 in (x, y) for x, y in sizes)
