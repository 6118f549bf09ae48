"""Better signs for a layer by coordinate ascent, from its moments alone.

Each output channel of the layer computes alpha * b'x with b in {-1, +1}^K and alpha > 0. With
p = cross' b and r = b' gram b, the best alpha is p / r and explains p^2 / r of the target's
variance, so the search looks for signs of larger p^2 / r. `coordinate_ascent` flips one sign at a
time with alpha eliminated; `alternating_scales` fixes alpha, sweeps over the signs, and fixes alpha
again, as the literature does. Neither makes a channel worse, and both end, because there are
finitely many signs. All channels move at once, and gram b is updated block by block, so that most
of the work is matrix products.

Source: coordinate descent as in Hu, Wang, Cheng, AAAI 2018, arXiv 1802.02733, section 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from edgebin.refine.layer.moments import Moments

_LEAST_VARIANCE = 1e-12  # of an output, relative to that of independent inputs
_BLOCK = 64  # signs after which the rest of gram b is updated


@dataclass(frozen=True, slots=True)
class SignSearch:
    """The result of a search: signs and scales of a layer.

    Attributes:
        signs: (O, K) of -1.0 and 1.0, float64.
        scales: alpha, (O,), at least 0.
        explained: p^2 / r, the part of the target's variance that the outputs explain, (O,).
        explained_before: the sum of `explained` for the signs that the search started from.
        sweeps: how often all signs were visited.
    """

    signs: Tensor
    scales: Tensor
    explained: Tensor
    explained_before: float
    sweeps: int


def coordinate_ascent(
    moments: Moments, signs: Tensor, *, sweeps: int = 20, tolerance: float = 1e-4
) -> SignSearch:
    """Flip single signs while p^2 / r grows.

    Args:
        moments: of the layer's input and target.
        signs: where to start, (O, K) of -1 and 1. A channel whose output has the wrong sign
            (p < 0) starts with all signs flipped.
        sweeps: at most this many.
        tolerance: the search ends when a sweep's gain over all channels is smaller, relative to
            their sum.
    """
    state = _State(moments, signs)

    def flips(p: Tensor, r: Tensor, new_p: Tensor, new_r: Tensor) -> Tensor:
        # A constant output, r = 0, explains nothing: any other is better.
        better = (new_p.square() * r > p.square() * new_r) | (r <= state.floor)
        return (new_p > 0) & (new_r > state.floor) & better

    return _search(state, lambda: flips, sweeps, tolerance)


def alternating_scales(
    moments: Moments, signs: Tensor, *, sweeps: int = 20, tolerance: float = 1e-4
) -> SignSearch:
    """Optimise scales for fixed signs and signs for fixed scales, in turn.

    The arguments are those of `coordinate_ascent`.
    """
    state = _State(moments, signs)

    def flips_for_fixed_scales() -> _Flips:
        alpha = state.scales()
        # The squared error is alpha^2 r - 2 alpha p, up to a constant.
        return lambda p, r, new_p, new_r: alpha * (new_r - r) < 2 * (new_p - p)

    return _search(state, flips_for_fixed_scales, sweeps, tolerance)


_Flips = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]  # (p, r, new p, new r) -> mask (O,)


def _search(
    state: _State, flips_of_a_sweep: Callable[[], _Flips], sweeps: int, tolerance: float
) -> SignSearch:
    done, before = 0, state.explained_before
    while done < sweeps:
        changed = state.sweep(flips_of_a_sweep())
        state.make_outputs_positive()  # changes nothing where new p > 0 is a condition of a flip
        done += 1
        after = float(state.explained().sum())
        if not changed or after - before < tolerance * before:
            break
        before = after
    return SignSearch(state.signs, state.scales(), state.explained(), state.explained_before, done)


class _State:
    """Signs with h = gram b, p and r, kept up to date as signs flip."""

    def __init__(self, moments: Moments, signs: Tensor) -> None:
        self.gram = moments.gram
        self.cross = moments.cross
        self.floor = _LEAST_VARIANCE * moments.gram.diagonal().sum()
        self.signs = signs.to(moments.gram).clone()
        self.h = self.signs @ moments.gram
        self.p = (self.signs * moments.cross.T).sum(1)
        self.r = (self.signs * self.h).sum(1)
        self.make_outputs_positive()
        self.explained_before = float(self.explained().sum())

    def make_outputs_positive(self) -> None:
        """Flip all signs of the channels with p < 0."""
        wrong = self.p < 0
        self.signs[wrong] *= -1
        self.h[wrong] *= -1
        self.p[wrong] *= -1

    def sweep(self, flips: _Flips) -> bool:
        """Visit every sign once; return whether any was flipped."""
        changed = False
        for start in range(0, self.signs.shape[1], _BLOCK):
            stop = start + _BLOCK
            steps = self._visit(slice(start, stop), flips)
            if steps.any():
                changed = True
                self.signs[:, start:stop] += steps
                self.h.addmm_(steps, self.gram[start:stop])
        self._recompute()
        return changed

    def _visit(self, block: slice, flips: _Flips) -> Tensor:
        # Masks instead of indices of the flipped signs, for which a GPU would have to wait.
        gram, cross = self.gram[block, block], self.cross[block]
        signs, h = (part[:, block].T.contiguous() for part in (self.signs, self.h))
        steps = torch.zeros_like(signs)
        for k, b in enumerate(signs):
            new_p = self.p - 2 * cross[k] * b
            new_r = self.r - 4 * b * h[k] + 4 * gram[k, k]
            flipped = flips(self.p, self.r, new_p, new_r)
            self.p = torch.where(flipped, new_p, self.p)
            self.r = torch.where(flipped, new_r, self.r)
            steps[k] = torch.where(flipped, -2 * b, 0.0)
            h[k + 1 :].addr_(gram[k, k + 1 :], steps[k])
        return steps.T

    def _recompute(self) -> None:
        # From the signs alone, so that the rounding of single flips does not accumulate.
        self.h = self.signs @ self.gram
        self.p = (self.signs * self.cross.T).sum(1)
        self.r = (self.signs * self.h).sum(1)

    def scales(self) -> Tensor:
        """Return the best scales alpha, (O,)."""
        return torch.where(self.r > self.floor, self.p / self.r, 0.0).clamp_min(0.0)

    def explained(self) -> Tensor:
        """Return p^2 / r, (O,)."""
        return self.p * self.scales()
