"""Better signs for a layer, from its moments alone.

For each output channel the layer answers alpha * b'x with b in {-1, +1}^K and alpha > 0. With
p = cross' b and r = b' gram b, the best alpha is p / r and explains p^2 / r of the target's
variance, so the update looks for signs of larger p^2 / r: `ascend` flips one sign at a time, alpha
eliminated; `alternate` fixes alpha, sweeps over the signs, and fixes alpha again, as the literature
does. Both never worsen a channel and end, for there are finitely many signs. All channels move at
once, and gram b follows block by block, so that most of the work is products of matrices.

Source: coordinate descent as in Hu, Wang, Cheng, AAAI 2018, arXiv 1802.02733, section 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from edgebin.refine.moments import Moments

_LEAST_VARIANCE = 1e-12  # of an answer, relative to that of independent inputs
_BLOCK = 64  # signs after which the rest of gram b follows


@dataclass(frozen=True, slots=True)
class Found:
    """Signs and scales of a layer.

    Attributes:
        signs: (O, K) of -1.0 and 1.0, float64.
        scales: alpha, (O,), at least 0.
        explained: p^2 / r, the part of the target's variance that the answers explain, (O,).
        explained_before: the sum of `explained` with the signs that were given.
        sweeps: how often all signs were visited.
    """

    signs: Tensor
    scales: Tensor
    explained: Tensor
    explained_before: float
    sweeps: int


def ascend(moments: Moments, signs: Tensor, *, sweeps: int = 20, tolerance: float = 1e-4) -> Found:
    """Flips single signs while p^2 / r grows.

    Args:
        moments: of the layer's input and target.
        signs: where to begin, (O, K) of -1 and 1. A channel that answers with the wrong sign
            (p < 0) begins with all signs flipped.
        sweeps: at most so many.
        tolerance: ends when a sweep's gain over all channels is smaller, relative to their sum.
    """
    state = _State(moments, signs)

    def flips(p: Tensor, r: Tensor, new_p: Tensor, new_r: Tensor) -> Tensor:
        # An answer that never changes, r = 0, explains nothing: any other is better.
        better = (new_p.square() * r > p.square() * new_r) | (r <= state.floor)
        return (new_p > 0) & (new_r > state.floor) & better

    return _climb(state, lambda: flips, sweeps, tolerance)


def alternate(
    moments: Moments, signs: Tensor, *, sweeps: int = 20, tolerance: float = 1e-4
) -> Found:
    """Scales for fixed signs, then signs for fixed scales, in turn; arguments as in `ascend`."""
    state = _State(moments, signs)

    def flips_of_fixed_scales() -> _Flips:
        alpha = state.scales()
        # The squared error is alpha^2 r - 2 alpha p, but for a constant.
        return lambda p, r, new_p, new_r: alpha * (new_r - r) < 2 * (new_p - p)

    return _climb(state, flips_of_fixed_scales, sweeps, tolerance)


_Flips = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


def _climb(
    state: _State, flips_of_a_sweep: Callable[[], _Flips], sweeps: int, tolerance: float
) -> Found:
    done, before = 0, state.before
    while done < sweeps:
        changed = state.sweep(flips_of_a_sweep())
        state.turn_to_the_right_sign()  # nothing to turn where p' > 0 is a condition
        done += 1
        after = float(state.explained().sum())
        if not changed or after - before < tolerance * before:
            break
        before = after
    return state.found(done)


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
        self.turn_to_the_right_sign()
        self.before = float(self.explained().sum())

    def turn_to_the_right_sign(self) -> None:
        wrong = self.p < 0
        self.signs[wrong] *= -1
        self.h[wrong] *= -1
        self.p[wrong] *= -1

    def sweep(self, flips: _Flips) -> bool:
        """Visits every sign once; says whether any flipped."""
        changed = False
        for start in range(0, self.signs.shape[1], _BLOCK):
            stop = start + _BLOCK
            steps = self._visit(slice(start, stop), flips)
            if steps.any():
                changed = True
                self.signs[:, start:stop] += steps
                self.h.addmm_(steps, self.gram[start:stop])
        self._refresh()
        return changed

    def _visit(self, block: slice, flips: _Flips) -> Tensor:
        # Masks instead of indices of what flips: a GPU would have to wait for these.
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

    def _refresh(self) -> None:
        # What was added up flip by flip is computed anew, so that rounding does not pile up.
        self.h = self.signs @ self.gram
        self.p = (self.signs * self.cross.T).sum(1)
        self.r = (self.signs * self.h).sum(1)

    def scales(self) -> Tensor:
        return torch.where(self.r > self.floor, self.p / self.r, 0.0).clamp_min(0.0)

    def explained(self) -> Tensor:
        return self.p * self.scales()

    def found(self, sweeps: int) -> Found:
        return Found(self.signs, self.scales(), self.explained(), self.before, sweeps)
