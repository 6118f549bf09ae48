"""One epoch: every batch once, then the score on the held-out images.

It changes the state and writes no file. It stops as soon as it sees a loss that is not finite, and
after an epoch if a weight is not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from edgebin.errors import DataError, RecipeError
from edgebin.train.backend.distributed import World, summed, world
from edgebin.train.backend.step import Step
from edgebin.train.data.source import DataSet, to_device
from edgebin.train.evaluation import evaluate, network_input
from edgebin.train.optimizer.optimizer import learning_rate
from edgebin.train.recipe.recipe import Recipe
from edgebin.train.results import EpochResult, StepResult
from edgebin.train.state import State

# Reading a sum from the device waits for it, hence not at every step; a GPU then has nothing to do.
_READ_EVERY_CPU, _READ_EVERY_GPU = 10, 20


def run_epoch(
    state: State,
    recipe: Recipe,
    data: DataSet,
    step: Step,
    on_step: Callable[[StepResult], None],
) -> EpochResult:
    """Train for one epoch.

    Args:
        state: is moved one epoch on.
        recipe: what to do.
        data: its train part gives the batches, its holdout part the score.
        step: computes the loss and the gradients of a batch.
        on_step: called with the running means, about every tenth step.

    Raises:
        RecipeError: the loss or a weight is not finite.
        DataError: a damaged image.
    """
    started = time.perf_counter()
    last = _train(state, recipe, data, step, on_step)
    seconds = time.perf_counter() - started
    state.epoch += 1
    if state.average is not None:
        state.average.update_buffers(state.network, recipe, data, state.epoch)
    # The last step's loss was computed before the step.
    for network in dict.fromkeys((state.network, state.evaluated)):
        _stop_unless_weights_are_finite(network, state, recipe)
    score = None
    if data.holdout is not None:
        layout = recipe.run.channels_last
        score = evaluate(state.evaluated, data.holdout, data.preprocessing, channels_last=layout)
    images = _steps(recipe, data) * recipe.schedule.batch_size
    return EpochResult(
        epoch=state.epoch,
        step=state.step,
        lr=state.optimizer.param_groups[0]["lr"],
        loss=last.loss,
        accuracy=last.accuracy,
        holdout_loss=score.loss if score is not None else None,
        holdout_accuracy=score.accuracy if score is not None else None,
        seconds=round(seconds, 3),
        images_per_second=round(images / seconds, 1),
    )


class _Means:
    """Running means over the batches of an epoch, of all processes together."""

    def __init__(self, device: torch.device) -> None:
        """Start with no batch."""
        self._loss = torch.zeros((), device=device)
        self._right = torch.zeros((), device=device, dtype=torch.int64)
        self._batches = 0
        self._images = 0

    def add(self, logits: Tensor, labels: Tensor, loss: Tensor) -> None:
        """Count this process's share of a batch: logits (N, classes), labels (N,), mean loss."""
        self._loss += loss
        self._right += (logits.argmax(1) == labels).sum()
        self._batches += 1
        self._images += len(labels)

    def read(self) -> tuple[float, float]:
        """Return the mean loss and the share of right answers; waits for the device."""
        loss, right = summed(torch.stack([self._loss, self._right.float()])).tolist()
        size = world().size
        return loss / size / self._batches, right / (self._images * size)


def _train(
    state: State,
    recipe: Recipe,
    data: DataSet,
    step: Step,
    on_step: Callable[[StepResult], None],
) -> StepResult:
    """Train on every batch once; return the means over the epoch."""
    batch_size, steps = recipe.schedule.batch_size, _steps(recipe, data)
    device = next(state.network.parameters()).device
    read_every = _READ_EVERY_CPU if device.type == "cpu" else _READ_EVERY_GPU
    means = _Means(device)
    result: StepResult | None = None
    state.network.train()
    # For what a forward draws, as dropout does its masks: other numbers in each process, for its
    # share is another, and the same where a run is resumed, without the state of every generator.
    torch.manual_seed(_forward_seed(recipe.run.seed, state.epoch, world()))
    share = world().share(batch_size)
    for batch in data.train.training(batch_size, state.generator, share=share):
        lr = learning_rate(recipe.optimizer.lr, recipe.schedule, state.step, steps)
        images, labels = to_device(batch, device)
        x = network_input(images, data.preprocessing, channels_last=recipe.run.channels_last)
        logits, loss = step(x, labels)
        _update(state, lr)
        means.add(logits, labels, loss)
        done = state.step - state.epoch * steps
        if done % read_every == 0 or done == steps:
            result = _result(means, state, recipe, steps)
            on_step(result)
    if state.step != (state.epoch + 1) * steps or result is None:
        raise DataError(
            f"training images: expected {steps} batches of {batch_size} in an epoch, "
            f"found {state.step - state.epoch * steps}"
        )
    return result


def _result(means: _Means, state: State, recipe: Recipe, steps: int) -> StepResult:
    loss, accuracy = means.read()
    if not math.isfinite(loss):
        raise RecipeError(
            f"{recipe.source}: epoch {state.epoch + 1}, step {state.step}: expected a finite loss, "
            f"found {loss}; a smaller [optimizer] lr ({recipe.optimizer.lr:g}) may help"
        )
    total = steps * recipe.schedule.epochs
    return StepResult(state.epoch + 1, state.step, total, loss, accuracy)


def _steps(recipe: Recipe, data: DataSet) -> int:
    """Steps of an epoch."""
    return len(data.train) // recipe.schedule.batch_size


def _forward_seed(seed: int, epoch: int, processes: World) -> int:
    """A number that no other epoch, process or seed, of those that people take, has."""
    return (seed * 1_000_003 + epoch * processes.size + processes.rank) % 2**63


def _update(state: State, lr: float) -> None:
    for group in state.optimizer.param_groups:
        group["lr"] = lr
    state.optimizer.step()
    state.step += 1
    if state.average is not None:
        state.average.update(state.network, state.step)


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
