"""The training loop: epochs, their log, a checkpoint after each, the test set once at the end.

Given the data set and one thread on a CPU, a run that is stopped and resumed gives the same bits
as one that is not. It refuses to choose anything by the test set, to go on with a loss that is not
finite, and to write over another run.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from rich.console import Console
from torch import Tensor, nn

from edgebin.errors import CheckpointError, DataError, RecipeError
from edgebin.train import checkpoint, log
from edgebin.train.compiled import compiled_or_not
from edgebin.train.data.source import DataSet, Source, normalised
from edgebin.train.optimizer import learning_rate
from edgebin.train.progress import RunDisplay
from edgebin.train.recipe import Recipe, recipe_data
from edgebin.train.state import State, as_checkpoint, fresh_state, resumed_state

_LOOK_EVERY = 10
_EVALUATION_BATCH = 250

Forward = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Score:
    """Mean cross-entropy (nats, without label smoothing) and share of right answers, 0..1."""

    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class EpochResult:
    """One epoch's line of the log; loss and accuracy are of the augmented training pictures."""

    epoch: int
    step: int
    lr: float
    loss: float
    accuracy: float
    holdout_loss: float | None
    holdout_accuracy: float | None
    seconds: float
    pictures_per_second: float


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
    resume: bool = False,
    console: Console | None = None,
    on_epoch: Callable[[EpochResult], None] | None = None,
) -> RunResult:
    """Trains a network as the recipe says, into `out`/checkpoint.pt and `out`/log.jsonl.

    Args:
        recipe: what to do.
        data: the pictures, on the device or coming to it.
        out: a folder, made if need be; without resume it must hold no checkpoint.
        device: where to compute.
        resume: continue from `out`/checkpoint.pt.
        console: where progress goes; stderr by default.
        on_epoch: called after each epoch, when its checkpoint is on the disk.

    Raises:
        CheckpointError: `out` holds a run and resume is false, or resuming is impossible.
        DataError: fewer training pictures than a batch, or a damaged picture.
        RecipeError: the loss is not finite.
        KeyboardInterrupt: as it came; the last checkpoint is whole.
    """
    steps = len(data.train) // recipe.schedule.batch_size
    if steps == 0:
        raise DataError(
            f"training pictures: expected at least a batch of {recipe.schedule.batch_size}, "
            f"found {len(data.train)}"
        )
    path = out / checkpoint.FILE_NAME
    state = _begin(recipe, data, path, device=device, resume=resume)
    total = steps * recipe.schedule.epochs
    screen = console if console is not None else Console(stderr=True)
    with RunDisplay(screen, total=total, done=state.step) as display:
        if state.epoch < recipe.schedule.epochs:
            forward = _forward(state, recipe, data, device, display)
        while state.epoch < recipe.schedule.epochs:
            result = _epoch(state, recipe, data, forward, steps, display)
            checkpoint.save_checkpoint(path, as_checkpoint(state, recipe, data))
            log.append(out / log.FILE_NAME, "epoch", _without_none(result))
            display.say(_shown(result, recipe.schedule.epochs))
            if on_epoch is not None:
                on_epoch(result)
        test = None
        if data.test is not None:
            test = evaluate(state.network, data.test, data)
            display.say(f"test: loss {test.loss:.4f}, accuracy {test.accuracy:.2%}")
    _end(out / log.FILE_NAME, state, data, test)
    return RunResult(path, test)


def evaluate(network: nn.Module, source: Source, data: DataSet) -> Score:
    """Score of a network on a part of the data set, in eval mode; the mode is put back.

    Raises:
        DataError: a damaged picture.
    """
    was_training = network.training
    network.eval()
    loss, right = 0.0, 0
    with torch.inference_mode():
        for pictures, labels in source.evaluation(_EVALUATION_BATCH):
            logits = network(_input(pictures, data, network))
            loss += F.cross_entropy(logits, labels, reduction="sum").item()
            right += int((logits.argmax(1) == labels).sum())
    network.train(was_training)
    return Score(loss / len(source), right / len(source))


def _begin(
    recipe: Recipe, data: DataSet, path: Path, *, device: torch.device, resume: bool
) -> State:
    log_path = path.parent / log.FILE_NAME
    around = log.surroundings(device)
    if resume:
        state = resumed_state(recipe, data, path, device=device)
        log.cut_back(log_path, state.epoch)
        log.append(log_path, "resume", {"epoch": state.epoch, **around})
        return state
    if path.exists():
        raise CheckpointError(
            f"{path}: expected no earlier run, found one; use --resume or another folder"
        )
    state = fresh_state(recipe, data, device=device)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(f"{path.parent}: cannot make the folder: {error}") from None
    header = {
        "recipe": recipe_data(recipe),
        "recipe_source": recipe.source,
        "seed": recipe.run.seed,
        "parameters": sum(parameter.numel() for parameter in state.network.parameters()),
        "pictures": {
            "train": len(data.train),
            "holdout": len(data.holdout) if data.holdout is not None else 0,
            "test": len(data.test) if data.test is not None else 0,
        },
        **around,
    }
    log.start_log(log_path, header)
    return state


def _forward(
    state: State, recipe: Recipe, data: DataSet, device: torch.device, display: RunDisplay
) -> Forward:
    network: nn.Module = state.network.train()
    if not recipe.run.compile:
        return network
    side = data.preprocessing.input_size
    pictures = torch.zeros(
        (recipe.schedule.batch_size, 3, side, side), dtype=torch.uint8, device=device
    )
    return compiled_or_not(network, _input(pictures, data, network), display.say)


def _input(pictures: Tensor, data: DataSet, network: nn.Module) -> Tensor:
    x = normalised(pictures, data.preprocessing)
    first = next(parameter for parameter in network.parameters() if parameter.dim() == 4)
    if first.is_contiguous(memory_format=torch.channels_last):
        return x.contiguous(memory_format=torch.channels_last)
    return x


def _epoch(
    state: State,
    recipe: Recipe,
    data: DataSet,
    forward: Forward,
    steps: int,
    display: RunDisplay,
) -> EpochResult:
    started = time.perf_counter()
    state.network.train()
    device = next(state.network.parameters()).device
    schedule = recipe.schedule
    loss_sum = torch.zeros((), device=device)
    right = torch.zeros((), device=device, dtype=torch.int64)
    lr = 0.0
    batches = data.train.training(schedule.batch_size, state.generator)
    for done, (pictures, labels) in enumerate(batches, start=1):
        lr = learning_rate(recipe.optimizer.lr, schedule, state.step, steps)
        for group in state.optimizer.param_groups:
            group["lr"] = lr
        logits = forward(_input(pictures, data, state.network))
        loss = F.cross_entropy(logits, labels, label_smoothing=schedule.label_smoothing)
        state.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        state.optimizer.step()
        state.step += 1
        loss_sum += loss.detach()
        right += (logits.detach().argmax(1) == labels).sum()
        if done % _LOOK_EVERY == 0 or done == steps:
            # Reading these waits for the device, hence not at every step.
            mean = loss_sum.item() / done
            _stop_unless_finite(mean, state, recipe)
            accuracy = right.item() / (done * schedule.batch_size)
            display.advance(state.step, epoch=state.epoch + 1, loss=mean, accuracy=accuracy)
    seconds = time.perf_counter() - started
    state.epoch += 1
    held = evaluate(state.network, data.holdout, data) if data.holdout is not None else None
    return EpochResult(
        epoch=state.epoch,
        step=state.step,
        lr=lr,
        loss=mean,
        accuracy=accuracy,
        holdout_loss=held.loss if held is not None else None,
        holdout_accuracy=held.accuracy if held is not None else None,
        seconds=round(seconds, 3),
        pictures_per_second=round(steps * schedule.batch_size / seconds, 1),
    )


def _stop_unless_finite(mean: float, state: State, recipe: Recipe) -> None:
    if not math.isfinite(mean):
        raise RecipeError(
            f"{recipe.source}: epoch {state.epoch + 1}, step {state.step}: expected a finite loss, "
            f"found {mean}; a smaller [optimizer] lr ({recipe.optimizer.lr:g}) may help"
        )


def _end(path: Path, state: State, data: DataSet, test: Score | None) -> None:
    entry: dict[str, object] = {"epoch": state.epoch, "step": state.step}
    if test is not None and data.test is not None:
        entry |= {
            "test_loss": test.loss,
            "test_accuracy": test.accuracy,
            "test_pictures": len(data.test),
        }
    log.append(path, "end", entry)


def _without_none(result: EpochResult) -> dict[str, object]:
    entries = dataclasses.asdict(result).items()
    return {key: value for key, value in entries if value is not None}


def _shown(result: EpochResult, epochs: int) -> str:
    line = (
        f"epoch {result.epoch}/{epochs}: loss {result.loss:.4f}, accuracy {result.accuracy:.2%}, "
        f"lr {result.lr:.2e}, {result.seconds:.1f} s"
    )
    if result.holdout_accuracy is not None:
        line += f", holdout loss {result.holdout_loss:.4f}, accuracy {result.holdout_accuracy:.2%}"
    return line
