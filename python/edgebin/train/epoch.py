"""One epoch: every batch once, then the score on the held-out images.

It changes the state and refuses to write any file. It stops as soon as it sees a loss that is not
finite, and after an epoch if a weight is not.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch
from torch import nn

from edgebin.errors import RecipeError
from edgebin.train.backend.distributed import World, summed, world
from edgebin.train.data.source import DataSet
from edgebin.train.evaluation import evaluate, network_input
from edgebin.train.objective import Gradients
from edgebin.train.optimizer import learning_rate
from edgebin.train.progress import RunDisplay
from edgebin.train.recipe.recipe import Recipe
from edgebin.train.state import State

# Reading a sum from the device waits for it, hence not at every step; a GPU then has nothing to do.
_LOOK_EVERY_CPU, _LOOK_EVERY = 10, 20


@dataclass(frozen=True, slots=True)
class EpochResult:
    """What an epoch gave; loss and accuracy are of the augmented training images."""

    epoch: int
    step: int
    lr: float
    loss: float
    accuracy: float
    holdout_loss: float | None
    holdout_accuracy: float | None
    seconds: float
    pictures_per_second: float


def run_epoch(
    state: State, recipe: Recipe, data: DataSet, gradients: Gradients, display: RunDisplay
) -> EpochResult:
    """Trains for one epoch.

    Args:
        state: is moved one epoch on.
        recipe: what to do.
        data: its train part gives the batches, its holdout part the score.
        gradients: of the state's parameters, for a batch.
        display: shown the running means.

    Raises:
        RecipeError: the loss or a weight is not finite.
        DataError: a damaged image.
    """
    started = time.perf_counter()
    batch_size = recipe.schedule.batch_size
    steps = len(data.train) // batch_size
    device = next(state.network.parameters()).device
    loss_sum = torch.zeros((), device=device)
    right = torch.zeros((), device=device, dtype=torch.int64)
    mean, accuracy, lr = 0.0, 0.0, 0.0
    state.network.train()
    together = world()
    # For what the forward draws, dropout's masks: others in each process, for its share is another,
    # and again the same where a run is resumed, without the states of every device's generators.
    torch.manual_seed(_drawing_seed(recipe.run.seed, state.epoch, together))
    share = together.share(batch_size)
    look_every = _LOOK_EVERY_CPU if device.type == "cpu" else _LOOK_EVERY
    batches = data.train.training(batch_size, state.generator, share=share)
    for done, (images, labels) in enumerate(batches, start=1):
        lr = learning_rate(recipe.optimizer.lr, recipe.schedule, state.step, steps)
        x = network_input(images, data.preprocessing, channels_last=recipe.run.channels_last)
        logits, loss = gradients(x, labels)
        _move(state, lr)
        loss_sum += loss
        right += (logits.argmax(1) == labels).sum()
        if done % look_every == 0 or done == steps:
            sums = summed(torch.stack([loss_sum, right.float()])).tolist()
            mean = sums[0] / together.size / done
            _stop_unless_finite(mean, state, recipe)
            accuracy = sums[1] / (done * batch_size)
            display.advance(state.step, epoch=state.epoch + 1, loss=mean, accuracy=accuracy)
    seconds = time.perf_counter() - started
    state.epoch += 1
    if state.average is not None:
        state.average.settle(state.network, recipe, data, state.epoch)
    # The last step's loss is of before it.
    for network in dict.fromkeys((state.network, state.evaluated)):
        _stop_unless_weights_are_finite(network, state, recipe)
    held = None
    if data.holdout is not None:
        held = evaluate(
            state.evaluated,
            data.holdout,
            data.preprocessing,
            channels_last=recipe.run.channels_last,
        )
    return EpochResult(
        epoch=state.epoch,
        step=state.step,
        lr=lr,
        loss=mean,
        accuracy=accuracy,
        holdout_loss=held.loss if held is not None else None,
        holdout_accuracy=held.accuracy if held is not None else None,
        seconds=round(seconds, 3),
        pictures_per_second=round(steps * batch_size / seconds, 1),
    )


def _drawing_seed(seed: int, epoch: int, together: World) -> int:
    """A number that no other epoch, process or seed, of those that people take, has."""
    return (seed * 1_000_003 + epoch * together.size + together.rank) % 2**63


def _move(state: State, lr: float) -> None:
    for group in state.optimizer.param_groups:
        group["lr"] = lr
    state.optimizer.step()
    state.step += 1
    if state.average is not None:
        state.average.follow(state.network, state.step)


def _stop_unless_finite(mean: float, state: State, recipe: Recipe) -> None:
    if not math.isfinite(mean):
        raise RecipeError(
            f"{recipe.source}: epoch {state.epoch + 1}, step {state.step}: expected a finite loss, "
            f"found {mean}; a smaller [optimizer] lr ({recipe.optimizer.lr:g}) may help"
        )


def _stop_unless_weights_are_finite(network: nn.Module, state: State, recipe: Recipe) -> None:
    weights = {
        name: value for name, value in network.state_dict().items() if value.is_floating_point()
    }
    finite = torch.stack([value.isfinite().all() for value in weights.values()]).tolist()
    if not all(finite):
        name = list(weights)[finite.index(False)]
        raise RecipeError(
            f"{recipe.source}: epoch {state.epoch}, step {state.step}: expected finite weights, "
            f"found others in {name}; a smaller [optimizer] lr ({recipe.optimizer.lr:g}) may help"
        )
