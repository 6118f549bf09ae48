"""Measures batch-norm statistics again: the plain mean over some batches, not a moving one.

The statistics that training left do not fit weights that were averaged or changed afterwards. Only
batch norms run in training mode; dropout and the like stay off, so nothing random is drawn. Weights
are not changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from edgebin.errors import OptionError


def tracking_norms(network: nn.Module) -> list[_BatchNorm]:
    """Return the batch norms of a network that keep running statistics."""
    return [
        module
        for module in network.modules()
        if isinstance(module, _BatchNorm) and module.track_running_stats
    ]


def recalibrate(
    network: nn.Module, batches: Iterable[Tensor], norms: Sequence[_BatchNorm] | None = None
) -> None:
    """Set the running statistics of batch norms to their mean over the batches.

    The mean is that of the batches' means, the variance that of their unbiased variances. Modes and
    momenta are put back afterwards.

    Args:
        network: any module; batch norms without running statistics stay as they are.
        batches: what it takes, on its device, of one size; at least one.
        norms: those of its batch norms to measure, with running statistics; None for all.

    Raises:
        OptionError: there is no batch; the statistics are reset then.
    """
    norms = tracking_norms(network) if norms is None else norms
    modes = [(module, module.training) for module in network.modules()]
    momenta = [(norm, norm.momentum) for norm in norms]
    network.eval()
    for norm in norms:
        norm.train()
        norm.reset_running_stats()
        norm.momentum = None  # torch's word for a mean over all batches
    empty = True
    try:
        with torch.no_grad():
            for batch in batches:
                network(batch)
                empty = False
    finally:
        for norm, momentum in momenta:
            norm.momentum = momentum
        for module, mode in modes:
            module.training = mode
    if empty:
        raise OptionError("recalibrate: expected at least one batch, found none")
