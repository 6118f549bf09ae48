"""Batch-norm statistics measured anew, as the network stands.

Running means of training lag behind weights that changed since. It refuses to change anything but
the statistics of batch norms.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


def recalibrate(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Sets every batch norm's statistics to the mean of those of the batches.

    Mode and momentum of all modules are as before afterwards; only batch norms work in training
    mode meanwhile, so that dropout is off.

    Args:
        network: on the device of the batches.
        batches: inputs of the network, float.
    """
    norms = [
        module
        for module in network.modules()
        if isinstance(module, _BatchNorm) and module.track_running_stats
    ]
    if not norms:
        return
    modes = [(module, module.training) for module in network.modules()]
    momenta = [norm.momentum for norm in norms]
    try:
        network.eval()
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # a mean of all batches
            norm.train()
        with torch.no_grad():
            for batch in batches:
                network(batch)
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        for module, training in modes:
            module.training = training
