"""The training loop: epochs, their log, a checkpoint after each, the test set once at the end.

Given the data set and one thread on a CPU, a run that is stopped and resumed gives the same bits
as one that is not. It refuses to choose anything by the test set, to go on with a loss that is not
finite, and to write over another run.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from edgebin.errors import DataError, RecipeError
from edgebin.train.backend.compile import compiled_or_not
from edgebin.train.backend.cuda_graph import Graphed, can_be_graphed
from edgebin.train.backend.distributed import wait, world
from edgebin.train.backend.precision import autocast, is_emulated
from edgebin.train.backend.sync_batch_norm import synchronised
from edgebin.train.checkpoint import checkpoint
from edgebin.train.data.source import DataSet
from edgebin.train.epoch import EpochResult, run_epoch
from edgebin.train.evaluation import Score, evaluate, network_input
from edgebin.train.log import log
from edgebin.train.objective import Forward, Gradients, Objective
from edgebin.train.progress import RunDisplay
from edgebin.train.recipe.recipe import Recipe
from edgebin.train.start import begin, go_on
from edgebin.train.state import State, as_checkpoint


@dataclass(frozen=True, slots=True)
class RunResult:
    """The end of a run: where the network is, and its score on the test set if there is one."""

    checkpoint: Path
    test: Score | None


def fit(
    recipe: Recipe,
    data: DataSet,
    out: Path,
    *,
    device: torch.device,
    network: nn.Module | None = None,
    teacher: nn.Module | None = None,
    init: Path | None = None,
    resume: bool = False,
    console: Console | None = None,
    on_epoch: Callable[[EpochResult], None] | None = None,
) -> RunResult:
    """Trains a network as the recipe says, into `out`/checkpoint.pt and `out`/log.jsonl.

    Of several processes (`distributed.joined`) each takes its share of every batch, and the first
    alone writes and shows; each calls on_epoch and gets the result.

    Args:
        recipe: what to do.
        data: the images, on the device or coming to it.
        out: a folder, made if need be; without resume it must hold no checkpoint.
        device: where to compute.
        network: one of the user's own, where the recipe has no table [network]; it is moved to the
            device and trained in place. Resuming puts the checkpoint's weights into it. When the
            run ends it has what was scored: of a table [ema] the averages.
        teacher: a trained network, where the recipe has a table [distillation]; it is moved to the
            device and left in eval mode. It sees the images as normalised for the student.
        init: a checkpoint to start from: its weights, by name and shape, and nothing else of it.
            Where a run is resumed, it may be left out, and is else held against the log.
        resume: continue from `out`/checkpoint.pt.
        console: where progress goes; stderr by default.
        on_epoch: called after each epoch, when its checkpoint is on the disk.

    Raises:
        CheckpointError: `out` holds a run and resume is false, resuming is impossible, the weights
            of init do not fit or are not what the run began from, or a file cannot be written.
        DataError: fewer training images than a batch, or a damaged image.
        OptionError: network or teacher do not give the logits of the data set.
        RecipeError: a loss is not finite, the last checkpoint is whole; a table [network] and a
            network, or neither; a teacher without a table [distillation], or the table alone; a
            batch that several processes cannot share.
        KeyboardInterrupt: as it came; the last checkpoint is whole.
    """
    together = world()
    if recipe.schedule.batch_size % together.size:
        raise RecipeError(
            f"{recipe.source}: [schedule] batch_size: expected a multiple of the {together.size} "
            f"processes, found {recipe.schedule.batch_size}"
        )
    steps = len(data.train) // recipe.schedule.batch_size
    if steps == 0:
        raise DataError(
            f"training images: expected at least a batch of {recipe.schedule.batch_size}, "
            f"found {len(data.train)}"
        )
    if resume:
        state = go_on(recipe, data, out, device=device, network=network, teacher=teacher, init=init)
    else:
        state = begin(recipe, data, out, device=device, network=network, teacher=teacher, init=init)
    screen = console if console is not None else Console(stderr=True)
    if not together.leads:
        screen = Console(quiet=True)
    total = steps * recipe.schedule.epochs
    with RunDisplay(screen, total=total, done=state.step) as display, synchronised(state.network):
        _train(state, recipe, data, out, display, on_epoch)
        test = None
        if data.test is not None:
            layout = recipe.run.channels_last
            test = evaluate(state.evaluated, data.test, data.preprocessing, channels_last=layout)
            _stop_unless_finite("test", test.loss, state, recipe)
            display.say(f"test: loss {test.loss:.4f}, accuracy {test.accuracy:.2%}")
    if together.leads:
        log.append(out / log.FILE_NAME, "end", _end(state, data, test))
    if network is not None and state.average is not None:
        network.load_state_dict(state.average.network.state_dict())
    return RunResult(out / checkpoint.FILE_NAME, test)


def _train(
    state: State,
    recipe: Recipe,
    data: DataSet,
    out: Path,
    display: RunDisplay,
    on_epoch: Callable[[EpochResult], None] | None,
) -> None:
    if state.epoch >= recipe.schedule.epochs:
        return
    gradients = _gradients(state, recipe, data, display)
    while state.epoch < recipe.schedule.epochs:
        result = run_epoch(state, recipe, data, gradients, display)
        if result.holdout_loss is not None:
            _stop_unless_finite("holdout", result.holdout_loss, state, recipe)
        entry = {k: v for k, v in dataclasses.asdict(result).items() if v is not None}
        if world().leads:
            # The log goes first: resuming can cut a line too many, but not add one that is missing.
            log.append(out / log.FILE_NAME, "epoch", entry)
            kept = as_checkpoint(state, recipe, data)
            checkpoint.save_checkpoint(out / checkpoint.FILE_NAME, kept)
        wait(next(state.network.parameters()).device)
        display.say(_shown(result, recipe.schedule.epochs))
        if on_epoch is not None:
            on_epoch(result)


def _stop_unless_finite(part: str, loss: float, state: State, recipe: Recipe) -> None:
    if not math.isfinite(loss):
        raise RecipeError(
            f"{recipe.source}: epoch {state.epoch}, step {state.step}: expected a finite {part} "
            f"loss, found {loss}; a smaller [optimizer] lr ({recipe.optimizer.lr:g}) may help"
        )


def _gradients(state: State, recipe: Recipe, data: DataSet, display: RunDisplay) -> Gradients:
    device = next(state.network.parameters()).device
    if is_emulated(recipe.run.precision, device):
        display.say(
            f"this CPU has no instructions for {recipe.run.precision}: "
            'precision = "float32" in [run] is faster'
        )
    objective = Objective(state, recipe, _forward(state, recipe, data, display))
    if not can_be_graphed(recipe, device, world().size):
        return objective
    return Graphed(objective, state.network, display.say)


def _forward(state: State, recipe: Recipe, data: DataSet, display: RunDisplay) -> Forward:
    forward = _compiled(state.network.train(), recipe, data, display)
    if state.teacher is not None and forward is not state.network:
        with torch.no_grad():  # a compiled forward is of one mode of gradients
            fast = _compiled(state.teacher.network, recipe, data, display)
        state.teacher = dataclasses.replace(state.teacher, network=fast)
    if world().size == 1:
        return forward
    with warnings.catch_warnings():  # torch 2.13 has another name, which 2.7 does not know
        warnings.simplefilter("ignore", FutureWarning)
        # Batch norms see the whole batch, so their buffers are the same in every process.
        return DistributedDataParallel(forward, broadcast_buffers=False)


def _compiled(network: nn.Module, recipe: Recipe, data: DataSet, display: RunDisplay) -> nn.Module:
    if not recipe.run.compile:
        return network
    device = next(network.parameters()).device
    side = data.preprocessing.input_size
    shape = (recipe.schedule.batch_size // world().size, 3, side, side)
    images = torch.zeros(shape, dtype=torch.uint8, device=device)
    like = network_input(images, data.preprocessing, channels_last=recipe.run.channels_last)
    with autocast(recipe.run.precision, device):
        return compiled_or_not(network, like, display.say)


def _end(state: State, data: DataSet, test: Score | None) -> dict[str, object]:
    entry: dict[str, object] = {"epoch": state.epoch, "step": state.step}
    if test is not None and data.test is not None:
        entry |= {
            "test_loss": test.loss,
            "test_accuracy": test.accuracy,
            "test_pictures": len(data.test),
        }
    return entry


def _shown(result: EpochResult, epochs: int) -> str:
    line = (
        f"epoch {result.epoch}/{epochs}: loss {result.loss:.4f}, accuracy {result.accuracy:.2%}, "
        f"lr {result.lr:.2e}, {result.seconds:.1f} s"
    )
    if result.holdout_accuracy is not None:
        line += f", holdout loss {result.holdout_loss:.4f}, accuracy {result.holdout_accuracy:.2%}"
    return line
