"""Batch-norm buffers that are updated when the weights of a network change.

A few thousand images give statistics with noise, which would cost more than an update gains. The
running statistics of training are therefore kept, and only their change is measured, before and
after on the same images: means move by the difference of the two measurements, variances by their
ratio. A value that was constant and no longer is has no ratio: its variance becomes the new one.
Where the network does not change, the buffers do not change at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from edgebin.nn.recalibrate import recalibrate, tracking_norms

_CONSTANT = 1e-3  # of a norm's eps: a smaller variance is rounding, and has no ratio


@dataclass(frozen=True, slots=True)
class Statistics:
    """Mean and variance of one batch norm, by channel."""

    mean: Tensor
    var: Tensor


class BatchNormUpdater:
    """Updates the batch norms of a network whose weights change.

    Args:
        network: its running statistics are right for its present weights.
        inputs: gives the batches to measure on, the same at every call.
    """

    def __init__(self, network: torch.nn.Module, inputs: Callable[[], Iterable[Tensor]]) -> None:
        """Measure the network as it is."""
        self._network = network
        self._inputs = inputs
        self._norms = tracking_norms(network)
        self.set_reference()

    def update_buffers(self) -> list[Statistics]:
        """Set the running statistics for weights that have changed since the reference.

        Returns:
            The measurement, for `set_reference` with these weights.
        """
        measured = self._measure()
        changes = zip(self._norms, self._reference, self._measured, measured, strict=True)
        self._write(
            [
                Statistics(
                    kept.mean + new.mean - old.mean,
                    _scaled(kept.var, old.var, new.var, norm.eps * _CONSTANT),
                )
                for norm, kept, old, new in changes
            ]
        )
        return measured

    def set_reference(self, measured: list[Statistics] | None = None) -> None:
        """Count changes from the present state of the network from now on.

        Args:
            measured: what `update_buffers` returned for the present weights; None measures again.
        """
        self._reference = self._read()
        try:
            self._measured = self._measure() if measured is None else measured
        finally:
            self._write(self._reference)

    def _measure(self) -> list[Statistics]:
        counts = [norm.num_batches_tracked for norm in self._norms]
        counts = [None if count is None else count.clone() for count in counts]
        try:
            recalibrate(self._network, self._inputs())
        finally:
            for norm, count in zip(self._norms, counts, strict=True):
                if norm.num_batches_tracked is not None and count is not None:
                    norm.num_batches_tracked.copy_(count)
        return self._read()

    def _read(self) -> list[Statistics]:
        statistics = []
        for norm in self._norms:
            assert norm.running_mean is not None
            assert norm.running_var is not None
            statistics.append(Statistics(norm.running_mean.clone(), norm.running_var.clone()))
        return statistics

    def _write(self, statistics: list[Statistics]) -> None:
        for norm, s in zip(self._norms, statistics, strict=True):
            assert norm.running_mean is not None
            assert norm.running_var is not None
            norm.running_mean.copy_(s.mean)
            norm.running_var.copy_(s.var)


def _scaled(kept: Tensor, old: Tensor, new: Tensor, least: float) -> Tensor:
    ratio = new.clamp_min(least) / old.clamp_min(least)
    return torch.where((old > least) | (new <= least), kept * ratio, new)
