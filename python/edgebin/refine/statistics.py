"""Batch-norm statistics that follow a change of the network.

A few thousand pictures give statistics with noise, which would cost more than an update gains.
Hence the ones of training stay, and only their change is measured, before and after on the same
pictures: means move by the difference of the two measurements, variances by their ratio. A value
that was constant and no longer is has no ratio: its variance is the new one. Without a change of
the network they do not change at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edgebin.nn.recalibrate import recalibrate, tracking_norms

_CONSTANT = 1e-3  # of a norm's eps: below that a variance is rounding, and has no ratio


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of one batch norm: mean and variance by channel."""

    mean: Tensor
    var: Tensor


class FollowingStatistics:
    """Keeps the batch norms of a network in step with its weights.

    Args:
        network: its running statistics are right for its present weights.
        inputs: gives the batches to measure on, the same at every call.
    """

    def __init__(self, network: nn.Module, inputs: Callable[[], Iterable[Tensor]]) -> None:
        """Measure the network as it is."""
        self._network = network
        self._inputs = inputs
        self._norms = tracking_norms(network)
        self.restart()

    def follow(self) -> list[Statistics]:
        """Sets the statistics as they should be for weights that have changed.

        Returns:
            What was measured, for `restart` with these weights.
        """
        measured = self._measure()
        found = zip(self._norms, self._kept, self._measured, measured, strict=True)
        self._put(
            [
                Statistics(
                    kept.mean + new.mean - old.mean,
                    _moved(kept.var, old.var, new.var, norm.eps * _CONSTANT),
                )
                for norm, kept, old, new in found
            ]
        )
        return measured

    def restart(self, measured: list[Statistics] | None = None) -> None:
        """From now on changes count from the present state of the network.

        Args:
            measured: what `follow` gave for the present weights; None measures anew.
        """
        self._kept = self._present()
        try:
            self._measured = self._measure() if measured is None else measured
        finally:
            self._put(self._kept)

    def _measure(self) -> list[Statistics]:
        counts = [norm.num_batches_tracked for norm in self._norms]
        counts = [None if count is None else count.clone() for count in counts]
        try:
            recalibrate(self._network, self._inputs())
        finally:
            for norm, count in zip(self._norms, counts, strict=True):
                if norm.num_batches_tracked is not None and count is not None:
                    norm.num_batches_tracked.copy_(count)
        return self._present()

    def _present(self) -> list[Statistics]:
        found = []
        for norm in self._norms:
            assert norm.running_mean is not None
            assert norm.running_var is not None
            found.append(Statistics(norm.running_mean.clone(), norm.running_var.clone()))
        return found

    def _put(self, statistics: list[Statistics]) -> None:
        for norm, s in zip(self._norms, statistics, strict=True):
            assert norm.running_mean is not None
            assert norm.running_var is not None
            norm.running_mean.copy_(s.mean)
            norm.running_var.copy_(s.var)


def _moved(kept: Tensor, old: Tensor, new: Tensor, least: float) -> Tensor:
    ratio = new.clamp_min(least) / old.clamp_min(least)
    return torch.where((old > least) | (new <= least), kept * ratio, new)
