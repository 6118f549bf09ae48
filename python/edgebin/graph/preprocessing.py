"""How an image becomes the input of a network: one description for training, checkpoints and files.

`edgebin.runtime.preprocess` applies it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Literal, get_args

import numpy as np

from edgebin.deprecated import renamed_attribute
from edgebin.errors import OptionError, short

Filter = Literal["nearest", "bilinear", "bicubic", "lanczos"]
Colour = Literal["rgb", "bgr", "grey"]
Fit = Literal["crop", "letterbox"]

CHANNELS = {"rgb": 3, "bgr": 3, "grey": 1}
"""Colour -> channels of an image."""

_LARGEST_MEAN = 2.0
_LARGEST_SCALE = 8.0
"""Pixels in 0..1 have means of at most 1 and deviations of at most 0.5. Other maps are allowed, but
numbers beyond these were meant for pixels in 0..255."""


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How an image becomes the network's input: x = (pixel / 255 - mean) / scale, per channel.

    Attributes:
        mean: per channel, in units of 0..1; for most networks the mean of the training images.
        scale: per channel, in units of 0..1; for most networks the standard deviation of the
            training images.
        resize: length of the short side in pixels before the centre is cropped; 0 stretches the
            image to the input's size.
        filter: of the resizing, "nearest", "bilinear", "bicubic" or "lanczos".
        colour: order of the channels, "rgb", "bgr" or "grey". One value of mean and scale is of
            grey images, so "rgb", the default, then becomes "grey".
        fit: "crop" resizes as `resize` says; "letterbox" resizes the whole image to fit into the
            input, keeps its aspect, and centres it; `resize` is then 0.
        fill: value of all channels of what a letterbox leaves free, 0 to 255.
        input_size: side of the square input in pixels, for training and checkpoints; 0 if the
            network's input has the size, as in `.ebn` files.

    Raises:
        OptionError: a value has another type or range. Means and scales in units of 0..255 are
            refused too.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    resize: int = 0
    filter: Filter = "bilinear"
    colour: Colour = "rgb"
    input_size: int = 0
    fit: Fit = "crop"
    fill: int = 0

    std = renamed_attribute("std", "scale")

    def __post_init__(self) -> None:
        """Check every value; sequences become tuples of floats."""
        mean = _numbers("mean", self.mean, _LARGEST_MEAN)
        scale = _numbers("scale", self.scale, _LARGEST_SCALE)
        if len(mean) != len(scale):
            raise _refusal("scale", f"{len(mean)} values, as many as mean has", len(scale))
        if self.colour == "rgb" and len(mean) == 1:
            object.__setattr__(self, "colour", "grey")
        if self.colour in CHANNELS and self.colour != "rgb" and len(mean) != CHANNELS[self.colour]:
            expected = f"{CHANNELS[self.colour]} for {self.colour} images"
            raise _refusal("mean", f"a value for each channel, {expected}", len(mean))
        if min(scale, default=1.0) <= 0:
            raise _refusal("scale", "values above 0", min(scale))
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "scale", scale)
        for field in ("resize", "input_size", "fill"):
            pixels = getattr(self, field)
            if not isinstance(pixels, Integral) or int(pixels) < 0:
                raise _refusal(field, "a number of pixels", pixels)
            object.__setattr__(self, field, int(pixels))
        kinds = (("filter", Filter), ("colour", Colour), ("fit", Fit))
        for field, kind in kinds:
            if getattr(self, field) not in get_args(kind):
                raise _refusal(field, " or ".join(get_args(kind)), getattr(self, field))
        if self.fit == "letterbox" and self.resize:
            raise _refusal("resize", "0 with a letterbox", self.resize)
        if self.fill > (255 if self.fit == "letterbox" else 0):
            raise _refusal("fill", "0, or 0 to 255 with a letterbox", self.fill)

    @classmethod
    def unchecked(
        cls,
        mean: tuple[float, ...],
        scale: tuple[float, ...],
        resize: int = 0,
        filter: Filter = "bilinear",
        colour: Colour = "rgb",
        fit: Fit = "crop",
        fill: int = 0,
    ) -> Preprocessing:
        """Return what a file holds: valid by FORMAT.md, but perhaps in other units."""
        made = object.__new__(cls)
        values = {"mean": mean, "scale": scale, "resize": resize, "filter": filter}
        more = {"colour": colour, "input_size": 0, "fit": fit, "fill": fill}
        for field, value in {**values, **more}.items():
            object.__setattr__(made, field, value)
        return made


def _numbers(field: str, values: object, largest: float) -> tuple[float, ...]:
    """Return the numbers of all channels as floats; raise OptionError for units of 0..255."""
    several = isinstance(values, Sequence | np.ndarray) and np.ndim(values) == 1
    if not several or not all(isinstance(value, Real) for value in values):  # type: ignore[attr-defined]
        raise _refusal(field, "numbers, one for each channel", values)
    numbers = []
    for value in values:  # type: ignore[attr-defined]
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise _refusal(field, "finite values", value)
        if abs(number) > largest:
            hint = f", which is {number / 255:.4g} when divided by 255"
            raise _refusal(field, "values in units of 0..1", value, hint)
        numbers.append(number)
    return tuple(numbers)


def _refusal(field: str, expected: str, found: object, hint: str = "") -> OptionError:
    return OptionError(f"preprocessing {field}: expected {expected}, found {short(found)}{hint}")
