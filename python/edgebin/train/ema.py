"""An exponential moving average of the parameters: what is evaluated and exported instead of them.

After step t the average moves by 1 - d of the way to the parameters, with d the recipe's decay or,
early in a run, (1 + t) / (10 + t), so that the random start is soon forgotten (as in TensorFlow's
ExponentialMovingAverage). Batch norms are recalibrated on training batches whose random numbers are
a generator's of their own. It refuses to change the network that is trained.
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


class Average:
    """A copy of a network whose parameters are averages.

    Attributes:
        network: the copy, in eval mode; its batch norms fit after `settle`.

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

    def follow(self, network: nn.Module, step: int) -> None:
        """Moves the average towards the parameters after a step, counted from 1."""
        decay = min(self._recipe.decay, (1 + step) / (10 + step))
        averages, values = list(self.network.parameters()), list(network.parameters())
        move = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
        move(averages, values, step)

    def settle(self, network: nn.Module, recipe: Recipe, data: DataSet, epoch: int) -> None:
        """Takes over the buffers, and gives batch norms the statistics of the averages.

        Args:
            network: the one that is trained.
            recipe: its seed and the epoch choose the batches.
            data: its train part gives them, augmented as in training.
            epoch: epochs that are done.
        """
        for ours, theirs in zip(self.network.buffers(), network.buffers(), strict=True):
            ours.copy_(theirs)
        if self._recipe.recalibrate == 0:
            return
        generator = torch.Generator().manual_seed((recipe.run.seed + epoch) % 2**63)
        batches = data.train.training(recipe.schedule.batch_size, generator)
        layout = recipe.run.channels_last
        chosen = islice(batches, self._recipe.recalibrate)
        images = (
            network_input(part, data.preprocessing, channels_last=layout) for part, _ in chosen
        )
        recalibrate(self.network, images)
