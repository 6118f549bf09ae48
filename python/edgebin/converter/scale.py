"""Finds the scale s at which HWGQ comes closest to a ReLU: s HWGQ(x / s) ~ relu(x).

Least squares over samples, searched on a grid for each channel. For half a Gaussian around 0 the
best s is its deviation with the paper's thresholds, for which HWGQ's step was derived, and 1.2
times that with the nearest level. Real channels are not centred on 0, and since the paper's
thresholds map everything above 0 to at least one step, a wrong s is costly there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from edgebin.converter.observe import Seen
from edgebin.nn.hwgq import STEP, hwgq_codes

_FACTORS = torch.logspace(-0.7, 0.5, 37).tolist()
"""Of the root mean square of a channel's positive values: 0.2 to 3.2, in steps of 8 %."""

_FEW = 256
"""With fewer samples than this the channels of a layer share a scale."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale per channel (C,), above 0, and the moments (C,) of what is scaled."""

    values: Tensor
    mean: Tensor
    variance: Tensor


def best_scale(seen: Seen, thresholds: Sequence[float]) -> Scale:
    """Return the scales of one ReLU for HWGQ with these thresholds, in the samples' dtype."""
    samples = seen.samples
    rows = samples if samples.shape[1] >= _FEW else samples.reshape(1, -1)
    values = _search(rows, seen.top, thresholds).expand(samples.shape[0]).clone()
    return Scale(values, seen.mean.to(values.dtype), seen.variance.to(values.dtype))


def _search(rows: Tensor, top: float, thresholds: Sequence[float]) -> Tensor:
    """Return the best scale of each row (R, M).

    Channels that are never positive get the median of the others.

    Returns:
        (R,), above 0.
    """
    wanted = rows.clamp(0.0, top)
    positive = (wanted > 0).sum(1)
    root = (wanted.square().sum(1) / positive.clamp_min(1)).sqrt()
    best, least = root.clone(), torch.full_like(root, torch.inf)
    for factor in _FACTORS:
        scale = root * factor
        codes = hwgq_codes(rows / scale[:, None], thresholds)
        levels = codes * (STEP * scale[:, None])
        error = (levels - wanted).square().sum(1)
        better = error < least
        best, least = torch.where(better, scale, best), torch.where(better, error, least)
    alive = root > 0
    if not bool(alive.any()):
        return torch.ones_like(root)
    return torch.where(alive, best, best[alive].median())
