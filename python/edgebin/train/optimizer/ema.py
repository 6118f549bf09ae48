"""An exponential moving average of the parameters: what is evaluated and exported instead of them.

After step t the average moves by 1 - d of the way to the parameters, with d the recipe's decay or,
early in a run, (1 + t) / (10 + t), so that the random start is soon forgotten (as in TensorFlow's
ExponentialMovingAverage). Batch norms are recalibrated on training batches whose random numbers are
a generator's of their own. The network that is trained is never changed here.
"""

from __future__ import annotations

import copy
from itertools import islice

import torch
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from edgebin.errors import OptionError, first_line
from edgebin.nn.recalibrate import recalibrate
from edgebin.train.data.source import DataSet
from edgebin.train.evaluation import network_input
from edgebin.train.recipe.recipe import EmaRecipe, Recipe


class MovingAverage:
    """A copy of a network whose parameters are averages.

    Attributes:
        network: the copy, in eval mode; its batch norms fit after `update_buffers`.

    Args:
        network: on its device and in its layout; the average starts at its parameters.
        recipe: decay, and the batches for the statistics.

    Raises:
        OptionError: the network cannot be copied.
    """

    def __init__(self, network: nn.Module, recipe: EmaRecipe) -> None:
        """Copy the network."""
        try:
            self.network = copy.deepcopy(network).eval().requires_grad_(False)
        except (RuntimeError, TypeError) as error:
            line = f"[ema]: expected a network to copy, found: {first_line(error)}"
            raise OptionError(line) from error
        self._recipe = recipe

    def update(self, network: nn.Module, step: int) -> None:
        """Move the average towards the parameters after a step, counted from 1."""
        decay = min(self._recipe.decay, (1 + step) / (10 + step))
        averages, values = list(self.network.parameters()), list(network.parameters())
        move = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
        move(averages, values, step)

    def update_buffers(self, network: nn.Module, recipe: Recipe, data: DataSet, epoch: int) -> None:
        """Copy the buffers, and recalibrate the batch norms to the averaged parameters.

        Args:
            network: the one that is trained.
            recipe: its seed and the epoch choose the batches.
            data: its train part gives them, augmented as in training.
            epoch: epochs that are done.
        """
        for average, buffer in zip(self.network.buffers(), network.buffers(), strict=True):
            average.copy_(buffer)
        if self._recipe.recalibrate == 0:
            return
        generator = torch.Generator().manual_seed((recipe.run.seed + epoch) % 2**63)
        batches = data.train.training(recipe.schedule.batch_size, generator)
        layout = recipe.run.channels_last
        device = next(self.network.parameters()).device
        inputs = (
            network_input(images.to(device), data.preprocessing, channels_last=layout)
            for images, _ in islice(batches, self._recipe.recalibrate)
        )
        recalibrate(self.network, inputs)
