"""The scale s at which HWGQ is nearest to a ReLU: s HWGQ(x / s) ~ relu(x).

Searched for each channel on a grid, least squares over samples. By the paper's thresholds half a
Gaussian around 0 has its deviation as the best s (that is what HWGQ's step was made for), and 1.2
times that where the nearest level counts; real channels are moved off 0, and because the paper's
make whatever is above 0 a step at least, a wrong s costs much there.
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
    """The scales of one ReLU for HWGQ of these thresholds, in the samples' dtype."""
    samples = seen.samples
    rows = samples if samples.shape[1] >= _FEW else samples.reshape(1, -1)
    values = _search(rows, seen.top, thresholds).expand(samples.shape[0]).clone()
    return Scale(values, seen.mean.to(values.dtype), seen.variance.to(values.dtype))


def _search(rows: Tensor, top: float, thresholds: Sequence[float]) -> Tensor:
    """The best scale of each row (R, M); channels that are never positive take the others' median.

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
