"""A network in the making, for `stress_cases.py`: draws contents, keeps the values made so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, InputType
from edgebin.graph.ops.signature import MAX_INPUTS
from graphs.sketch import Sketch, ascending, elements, f32
from graphs.strategies import Case, product_constants, weights_of

T = TypeVar("T")


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """Return one of the choices."""
    return choices[int(rng.integers(len(choices)))]


class Growth:
    """`temper` says what contents are like.

    "plain" is random; "extreme" has the largest inputs and weights of one sign, and thresholds
    beside the sums that they make; "wild" has reals from denormal to enormous.
    """

    def __init__(self, rng: np.random.Generator, shape: tuple[int, int, int]) -> None:
        self.rng = rng
        self.sketch = Sketch(shape)
        self.temper = pick(rng, ("plain", "plain", "extreme", "wild"))
        self.values: list[str] = []

    def one_in(self, count: int) -> bool:
        return int(self.rng.integers(count)) == 0

    def kind(self, name: str) -> str:
        return self.sketch.types[name].dtype

    def shape(self, name: str) -> tuple[int, int, int]:
        return self.sketch.types[name].shape

    def value(self, *kinds: str) -> str | None:
        """Return a value of one of those types; the newest one half of the time."""
        found = [name for name in self.values if self.kind(name) in kinds]
        if not found:
            return None
        return found[-1] if self.one_in(2) else pick(self.rng, found)

    def keep(self, name: str) -> str:
        """Take a value of the sketch among those that others may read."""
        if name not in self.values:
            self.values.append(name)
        return name

    def add(self, op: str, *inputs: str, constants: dict[str, Array], **attributes: int) -> str:
        """Add a node and keep its value."""
        return self.keep(self.sketch.add(op, *inputs, constants=constants, **attributes))

    def source(self, kind: str) -> str:
        """Return a value of the image's shape: itself, its codes, or reals made of it.

        Now and then bytes and reals are an input of their own.
        """
        if kind != "code" and self.one_in(6) and len(self.sketch.inputs) < MAX_INPUTS:
            dtypes: tuple[InputType, ...] = ("u8", "s8") if kind == "u8" else ("f32",)
            dtype = pick(self.rng, dtypes)
            return self.keep(self.sketch.take(self.sketch.shape, dtype))
        if kind == "u8":
            return self.sketch.image
        if kind == "code":
            return self.keep(self.sketch.codes())
        return self.affine(self.sketch.image)

    def affine(self, x: str) -> str:
        """Add an affine of `x`."""
        channels = self.sketch.channels(x)
        constants = {role: self.reals(f32(self.rng, channels)) for role in ("scale", "bias")}
        return self.add("affine", x, constants=constants)

    def quantize(self, x: str) -> str:
        """Add a quantize of `x`."""
        channels = self.sketch.channels(x)
        spread = pick(self.rng, (1.0, 30.0, 3000.0))
        constants = {"thresholds": ascending(self.rng, channels, spread, "f32")}
        if self.one_in(2):
            constants["sign"] = self.rng.choice(np.array([-1, 1], np.int8), channels)
        return self.add("quantize", x, constants=constants)

    def product(self, op: str, x: str, kind: str, shape: tuple[int, ...], **window: int) -> str:
        """Add a conv or linear of `x` with weights of the given type and shape."""
        weights = self.weights(kind, *shape)
        input_kind = self.kind(x)
        coded = input_kind == "code" and kind == "bit" and self.one_in(2)
        epilogue = pick(self.rng, ("i16", "i32")) if coded else "scale"
        channels = self.sketch.channels(x)
        constants = product_constants(self.rng, weights, input_kind, epilogue, channels)
        for role in ("scale", "bias"):
            if role in constants:
                constants[role] = self.reals(constants[role])
        if coded and self.temper == "extreme":
            constants["thresholds"] = self.thresholds_at_the_ends(weights, epilogue)
        return self.add(op, x, constants=constants, **window)

    def weights(self, kind: str, *shape: int) -> Array:
        """Return weights; "extreme" ones are of one sign, all or filter by filter."""
        weights = weights_of(self.rng, kind, *shape)
        if kind == "f32" and self.temper == "wild":
            weights = self.reals(weights)
        if kind == "f32" or self.temper != "extreme":
            return weights
        low, high = (False, True) if kind == "bit" else (-128, 127)
        signs = self.rng.random(shape[0]) < pick(self.rng, (0.0, 0.5, 1.0))
        chosen = np.where(signs, high, low).astype(weights.dtype)
        return np.broadcast_to(chosen.reshape(-1, *[1] * (len(shape) - 1)), shape).copy()

    def thresholds_at_the_ends(self, weights: Array, dtype: str) -> Array:
        """Return thresholds at and beside +-3 x the weights of a filter, and 0."""
        limits = np.iinfo(np.int16 if dtype == "i16" else np.int32)
        edge = 3 * weights[0].size
        near = [sign * edge + step for sign in (-1, 0, 1) for step in (-1, 0, 1)]
        drawn = self.rng.choice(np.array(near), (len(weights), 3))
        return np.sort(np.clip(drawn, limits.min, limits.max), axis=1).astype(limits.dtype)

    def reals(self, values: Array) -> Array:
        """Return finite float32 values as they are, or "wild": some vanishing or enormous."""
        if self.temper != "wild":
            return values
        powers = np.where(self.rng.random(values.shape) < 0.2, 38, 0)
        powers = powers * self.rng.choice(np.array([-1.1, 1.0]), values.shape)
        with np.errstate(over="ignore", under="ignore"):
            enormous = np.asarray(values * 10.0**powers, np.float32)
        return np.nan_to_num(enormous, posinf=3e38, neginf=-3e38)

    def case(self) -> Case:
        """Return the network; what nobody reads is an output, and so is some of the rest."""
        read = {name for node in self.sketch.nodes for name in node.inputs}
        inputs = {given.name for given in self.sketch.inputs}
        shown = [
            name
            for name in self.values
            if self.kind(name) != "u8" and (name not in read or self.one_in(6))
        ]
        shown = [name for name in shown if name not in inputs]
        if not shown:
            shown = [self.affine(self.sketch.image)]
        order = [shown[int(i)] for i in self.rng.permutation(len(shown))]
        count = int(self.rng.integers(1, 10))
        given: dict[str, Array] = {self.sketch.image: self.images(count)}
        for more in self.sketch.inputs[1:]:
            given[more.name] = elements(self.rng, count, more)
        return Case(self.sketch.graph(*order), given)

    def images(self, count: int) -> npt.NDArray[np.uint8]:
        """Return `count` images; "extreme" ones are white, or black and white."""
        shape = (count, *self.sketch.shape)
        if self.temper != "extreme":
            return self.rng.integers(0, 256, shape, dtype=np.uint8)
        if self.one_in(2):
            return np.full(shape, 255, np.uint8)
        return self.rng.choice(np.array([0, 255], np.uint8), shape)
