"""Activations with given thresholds: quantisers of two bits and less other than HWGQ.

A code is the number of thresholds that a value exceeds, so every non-decreasing function with two
to four values can be written so. The values have to be evenly spaced, because the runtime computes
with the codes. Examples, with `t` for the thresholds:

| quantiser | module |
|---|---|
| DoReFa, `round(3 clip(x, 0, 1)) / 3` | `ThresholdActivation([1/6, 1/2, 5/6], [0, 1/3, 2/3, 1])` |
| LSQ with step s, unsigned | `ThresholdActivation([s/2, 3*s/2, 5*s/2], [0, s, 2*s, 3*s])` |
| LSQ with step s, signed | `ThresholdActivation([-3*s/2, -s/2, s/2], [-2*s, -s, 0, s])` |
| ternary | `ThresholdActivation([-t, t], [-1, 0, 1])` |
| bipolar, the sign | `ThresholdActivation([0], [-1, 1])` |

DoReFa's and LSQ's own rounding sends a value that lies exactly on a threshold to the even level;
here it has the lower one. The sign of 0 is -1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.nn.capturing import capturing

MAX_THRESHOLDS = 3
"""Of a channel: the runtime has codes 0 to 3."""

_EVEN = 1e-6
"""By how much of their distance levels may be off, as written-out decimals of thirds are."""


def threshold_codes(x: Tensor, thresholds: Tensor) -> Tensor:
    """Return how many thresholds each element exceeds (strictly), in the dtype of x.

    Args:
        x: float tensor, (N, C, ...) where there are thresholds for each channel, else any shape.
        thresholds: float (C, 3) or (1, 3), ascending in each row.

    Returns:
        Tensor like x with values 0, 1, 2, 3.

    Raises:
        OptionError: x has another number of channels.
    """
    rows = thresholds.shape[0]
    shape: tuple[int, ...] = (1,)
    if rows > 1:
        if x.dim() < 2 or x.shape[1] != rows:
            raise OptionError(
                f"thresholds of {rows} channels: expected an input (N, {rows}, ...), "
                f"found {tuple(x.shape)}"
            )
        shape = (rows, *[1] * (x.dim() - 2))
    # Not in a narrower type of x, which would round the thresholds.
    wide = x if x.dtype in (torch.float32, torch.float64) else x.float()
    codes = sum((wide > column.reshape(shape)).to(x.dtype) for column in thresholds.unbind(1))
    return cast(Tensor, codes)


class _Quantise(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, thresholds: Tensor, line: tuple[float, float], clip: tuple[float, ...]
    ) -> Tensor:
        ctx.save_for_backward(x)
        ctx.clip = clip
        scale, offset = line
        return threshold_codes(x, thresholds) * scale + offset

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        (x,) = ctx.saved_tensors
        low, high = ctx.clip
        return grads[0] * ((x >= low) & (x <= high)), None, None, None


class ThresholdActivation(nn.Module):
    """Quantises activations by given thresholds to evenly spaced levels; shape and dtype stay.

    Level number `[x > t0] + [x > t1] + [x > t2]` is the result. The gradient is straight-through:
    it passes unchanged where x lies within `clip`, and is 0 elsewhere. Thresholds are a buffer and
    are not trained. They are kept as float32, rounded down, which changes no level of a float32 or
    narrower input.

    Args:
        thresholds: one to three numbers for all channels, or as many rows of them as the input
            (N, C, ...) has channels; a sequence, or a tensor (T,) or (C, T). Integers or reals,
            ascending in each row; infinite ones are never exceeded, or always.
        levels: the results, one more than thresholds, ascending and evenly spaced; by default
            0, 1, 2, 3.
        clip: (low, high), where the gradient passes; by default from the lowest to the highest
            level. Give it where thresholds and levels have different units.

    Raises:
        OptionError: what the runtime cannot express.

    Example:
        layers = nn.Sequential(
            BinaryConv2d(64, 64, 3, padding=1),
            nn.BatchNorm2d(64),
            ThresholdActivation([-0.5, 0.5], [-1, 0, 1]),
        )
    """

    thresholds: Tensor

    def __init__(
        self,
        thresholds: Sequence[float] | Sequence[Sequence[float]] | Tensor,
        levels: Sequence[float] | None = None,
        *,
        clip: tuple[float, float] | None = None,
    ) -> None:
        """Check the thresholds and levels."""
        super().__init__()
        rows = _checked_thresholds(thresholds)
        values = list(range(rows.shape[1] + 1)) if levels is None else levels
        self.levels = _checked_levels(values, rows.shape[1])
        low, high = (self.levels[0], self.levels[-1]) if clip is None else _checked_clip(clip)
        self.clip = (low, high)
        missing = MAX_THRESHOLDS - rows.shape[1]
        padded = torch.nn.functional.pad(rows, (0, missing), value=math.inf)
        self.register_buffer("thresholds", _rounded_down(padded))

    @property
    def scale(self) -> float:
        """The distance between levels."""
        return (self.levels[-1] - self.levels[0]) / (len(self.levels) - 1)

    @property
    def offset(self) -> float:
        """The lowest level, which code 0 stands for."""
        return self.levels[0]

    def forward(self, x: Tensor) -> Tensor:
        """Return quantised x; a single `edgebin::threshold_activation` node for the exporter.

        Raises:
            OptionError: x has another number of channels than there are thresholds for.
        """
        if capturing():
            operator = torch.ops.edgebin.threshold_activation
            return cast(Tensor, operator(x, self.thresholds, self.scale, self.offset))
        line = (self.scale, self.offset)
        result = _Quantise.apply(x, self.thresholds, line, self.clip)  # type: ignore[no-untyped-call]
        return cast(Tensor, result)

    def extra_repr(self) -> str:
        """Return what `print(model)` shows."""
        channels = self.thresholds.shape[0]
        count = len(self.levels) - 1
        shown = self.thresholds[0, :count].tolist() if channels == 1 else f"{channels} x {count}"
        return f"thresholds={shown}, levels={list(self.levels)}, clip={self.clip}"


def _checked_thresholds(thresholds: object) -> Tensor:
    """Return float64 (1 or C, 1 to 3)."""
    try:
        rows = torch.as_tensor(thresholds, dtype=torch.float64).detach().cpu()
    except (TypeError, ValueError, RuntimeError) as error:
        raise OptionError(
            "thresholds: expected numbers, as many for each channel, "
            f"found {_short(repr(thresholds))}"
        ) from error
    rows = rows.unsqueeze(0) if rows.dim() == 1 else rows
    if rows.dim() != 2 or not 1 <= rows.shape[-1] <= MAX_THRESHOLDS or not rows.shape[0]:
        raise OptionError(
            f"thresholds: expected 1 to {MAX_THRESHOLDS} for each channel, "
            f"found a shape of {tuple(rows.shape)}"
        )
    descending = ~(rows[:, 1:] >= rows[:, :-1]).all(1) | rows.isnan().any(1)
    if bool(descending.any()):
        channel = int(descending.nonzero()[0])
        where = f" of channel {channel}" if rows.shape[0] > 1 else ""
        found = ", ".join(f"{value:g}" for value in rows[channel].tolist())
        raise OptionError(f"thresholds{where}: expected ascending numbers, found {found}")
    return rows


def _checked_levels(levels: Sequence[float], thresholds: int) -> tuple[float, ...]:
    try:
        values = tuple(float(level) for level in levels)
    except (TypeError, ValueError) as error:
        raise OptionError(f"levels: expected numbers, found {_short(repr(levels))}") from error
    found = _short(", ".join(f"{value:g}" for value in values))
    if len(values) != thresholds + 1:
        raise OptionError(
            f"levels: expected {thresholds + 1}, one more than thresholds, found {found}"
        )
    step = (values[-1] - values[0]) / thresholds
    even = all(abs(high - low - step) <= _EVEN * step for low, high in pairwise(values))
    if not (math.isfinite(step) and step > 0 and even):
        raise OptionError(f"levels: expected ascending and evenly spaced numbers, found {found}")
    return values


def _checked_clip(clip: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in clip)
    except (TypeError, ValueError) as error:
        raise OptionError(f"clip: expected (low, high), found {_short(repr(clip))}") from error
    if not low < high:
        raise OptionError(f"clip: expected low < high, found ({low:g}, {high:g})")
    return low, high


def _rounded_down(values: Tensor) -> Tensor:
    """Return the largest float32 that is not above each float64."""
    nearest = values.float()
    lower = torch.nextafter(nearest, torch.tensor(-math.inf))
    return torch.where(nearest.double() > values, lower, nearest)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
