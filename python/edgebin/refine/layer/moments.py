"""Second moments of a layer's input and target: the Gram matrix and the cross moments.

For M rows x (what one output position reads, K values) and s (its target in O channels):

    gram  = X'X / M - mean(x) mean(x)'      (K, K)
    cross = X's / M - mean(x) mean(s)       (K, O)

Removing the means leaves the intercept free, since the next batch norm or the layer's bias
compensates it. With codes 0..3 as input X'X is exact: its partial sums stay below 2^24, which
float32 represents, and are accumulated in float64.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

# Two codes multiply to at most 9, and float32 represents all integers up to 2^24.
_EXACT_ROWS = 2**24 // 9


@dataclass(frozen=True, slots=True)
class Moments:
    """Second moments around the mean, float64: gram (K, K) and cross (K, O)."""

    gram: Tensor
    cross: Tensor


class MomentSums:
    """Sums over rows from which `Moments` follow.

    Args:
        inputs: K, values of a row of x.
        outputs: O, values of a row of s.
        device: where to sum.
    """

    def __init__(self, inputs: int, outputs: int, device: torch.device) -> None:
        """Start with no row."""

        def zeros(*shape: int) -> Tensor:
            return torch.zeros(shape, dtype=torch.float64, device=device)

        self.rows = 0
        self._xx = zeros(inputs, inputs)
        self._xs = zeros(inputs, outputs)
        self._x = zeros(inputs)
        self._s = zeros(outputs)

    def add(self, x: Tensor, s: Tensor) -> None:
        """Add rows.

        Args:
            x: (M, K) float32, codes for exact sums.
            s: (M, O) float32.
        """
        for start in range(0, len(x), _EXACT_ROWS):
            rows, targets = x[start : start + _EXACT_ROWS], s[start : start + _EXACT_ROWS]
            self.rows += len(rows)
            self._xx += rows.T @ rows
            self._xs += rows.T @ targets
            self._x += rows.sum(0, dtype=torch.float64)
            self._s += targets.sum(0, dtype=torch.float64)

    def means(self) -> tuple[Tensor, Tensor]:
        """Return the means of x and s, (K,) and (O,)."""
        return self._x / self.rows, self._s / self.rows

    def moments(self, *, centred: bool = True) -> Moments:
        """Return the moments of all rows; centred=False keeps the means (no free intercept)."""
        gram, cross = self._xx / self.rows, self._xs / self.rows
        if centred:
            x, s = self.means()
            gram -= torch.outer(x, x)
            cross -= torch.outer(x, s)
        return Moments(gram, cross)
