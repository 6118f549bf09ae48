"""The training loop: epochs, their log, a checkpoint after each, the test set once at the end.

Given the data set and one thread on a CPU, a run that is stopped and resumed gives the same bits
as one that is not. Nothing is chosen by the test set, and a loss that is not finite ends the run.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from rich.console import Console
from torch import nn

from edgebin.errors import RecipeError
from edgebin.graph.preprocessing import Preprocessing
from edgebin.train import start
from edgebin.train.backend.distributed import wait, world
from edgebin.train.backend.sync_batch_norm import synchronised
from edgebin.train.checkpoint.checkpoint import save_checkpoint
from edgebin.train.data.source import DataSet
from edgebin.train.data.tensors import TorchData
from edgebin.train.epoch import run_epoch
from edgebin.train.evaluation import evaluate
from edgebin.train.log import log
from edgebin.train.options import FitOptions, takes_options
from edgebin.train.plan import RunPlan, make_plan
from edgebin.train.progress import RunDisplay, default_console, epoch_line
from edgebin.train.recipe.recipe import Recipe
from edgebin.train.results import EpochResult, RunResult, Score, StepResult
from edgebin.train.state import State, as_checkpoint
from edgebin.train.step import make_step


@takes_options
def fit(
    recipe: Recipe | str | Path,
    data: DataSet | TorchData | str | Path,
    out: str | Path,
    *,
    network: nn.Module | None = None,
    teacher: nn.Module | str | Path | None = None,
    device: str | torch.device = "cpu",
    init: str | Path | None = None,
    resume: bool = False,
    console: Console | None = None,
    on_epoch: Callable[[EpochResult], None] | None = None,
    on_step: Callable[[StepResult], None] | None = None,
    classes: Sequence[str] | None = None,
    holdout: TorchData | None = None,
    test: TorchData | None = None,
    preprocessing: Preprocessing | None = None,
    exportable: bool = True,
    options: FitOptions | None = None,
) -> RunResult:
    """Train a network as a recipe says, into `out`/checkpoint.pt and `out`/log.jsonl.

    Example:
        recipe = load_recipe("folder")  # without [network]
        data = open_data("photos", recipe)
        fit(recipe, data, "runs/mine", network=network, device="cuda")

    Images reach the network as float32 tensors (N, 3, S, S), normalised; it returns logits
    (N, classes). A run that was stopped goes on with the same call and resume=True. Of several
    processes (torchrun) each takes its share of every batch, and the first alone writes and shows;
    each calls the callbacks and gets the result.

    Args:
        recipe: what to do, or the name of a shipped recipe, or the path of a TOML file.
        data: a data set (`open_data`, `tensor_data`); or the folder of one; or a torch Dataset or
            DataLoader of pairs (image, label), where an image is a tensor (3, S, S), RGB: uint8
            pixels, which are normalised by the recipe's mean and std, or float32, which is taken as
            it is.
        out: a folder, made if need be; without resume it must hold no checkpoint.
        network: your own, where the recipe has no table [network]; it is moved to the device and
            trained in place. Resuming puts the checkpoint's weights into it. When the run ends it
            has the weights that were scored: of a table [ema] the averages.
        teacher: a trained network or its checkpoint, where the recipe has a table [distillation].
            It is moved to the device, left in eval mode, and sees the student's input.
        device: where to compute: "cpu", "cuda", "cuda:1" or a torch.device.
        init: checkpoint to start from: its weights, by name and shape, and nothing else of it. It
            may be left out where a run is resumed, and is else compared with the log.
        resume: continue from `out`/checkpoint.pt.
        console: where progress goes: a bar on a terminal, else plain lines; standard error by
            default, in a notebook below the cell. `Console(quiet=True)` shows nothing.
        on_epoch: called after each epoch, when its checkpoint is on the disk.
        on_step: called about every tenth step with the means of the epoch so far.
        classes: names of the classes, where data is a torch Dataset or DataLoader; this and the
            next three as in `tensor_data`.
        holdout: images to score after each epoch.
        test: images to score once, at the end.
        preprocessing: how an image file becomes the network's input.
        exportable: whether to refuse at once a network of yours that `edgebin.export` would refuse
            after training; False is for one that stays in PyTorch, such as a teacher.
        options: the arguments from device to exportable as one object; those that are given as
            keywords go before its fields.

    Returns:
        The path of the checkpoint, and the score on the test set where there is one.

    Raises:
        CheckpointError: `out` holds a run and resume is false, resuming is impossible, the weights
            of init do not fit or are not what the run began from, or a file cannot be written.
        DataError: fewer training images than a batch, or a damaged or unfit image.
        ExportError: `edgebin.export` would refuse the network; it names all that it would refuse.
        OptionError: the device is not there, or network or teacher do not give the logits of the
            data set.
        RecipeError: the recipe is wrong; a loss is not finite, the last checkpoint is whole; a
            table [network] and a network, or neither; a teacher without a table [distillation], or
            the table alone; a batch that several processes cannot share.
        TypeError: an unknown keyword.
        KeyboardInterrupt: as it came; the last checkpoint is whole.
    """
    options = FitOptions(
        device=device,
        init=init,
        resume=resume,
        console=console,
        on_epoch=on_epoch,
        on_step=on_step,
        classes=classes,
        holdout=holdout,
        test=test,
        preprocessing=preprocessing,
        exportable=exportable,
    )
    plan = make_plan(recipe, data, out, network=network, teacher=teacher, options=options)
    state = start.resume(plan) if resume else start.start(plan)
    run = _Run(plan, state, options, _display(plan, state, options))
    with run.display, synchronised(state.network):
        for line in (*plan.data.notes, plan.first_line(state.network, state.epoch)):
            run.display.say(line)
        _train(run)
        score = _test_score(run)
    if world().leads:
        log.append(plan.log_path, "end", _end(run, score))
    if network is not None and state.average is not None:
        network.load_state_dict(state.average.network.state_dict())
    return RunResult(plan.checkpoint_path, score)


@dataclasses.dataclass(frozen=True, slots=True)
class _Run:
    """A run under way."""

    plan: RunPlan
    state: State
    options: FitOptions
    display: RunDisplay


def _display(plan: RunPlan, state: State, options: FitOptions) -> RunDisplay:
    console = options.console if options.console is not None else default_console()
    if not world().leads:
        console = Console(quiet=True)
    return RunDisplay(
        console,
        epochs=plan.recipe.schedule.epochs,
        steps=plan.steps_per_epoch * plan.recipe.schedule.epochs,
        done=state.step,
    )


def _train(run: _Run) -> None:
    plan, state, display = run.plan, run.state, run.display
    recipe, data = plan.recipe, plan.data
    if state.epoch >= recipe.schedule.epochs:
        return

    def on_step(result: StepResult) -> None:
        display.advance(result)
        if run.options.on_step is not None:
            run.options.on_step(result)

    step = make_step(state, recipe, data, display.say)
    display.start_clock()
    while state.epoch < recipe.schedule.epochs:
        result = run_epoch(state, recipe, data, step, on_step)
        if result.holdout_loss is not None:
            _stop_unless_finite("holdout", result.holdout_loss, run)
        if world().leads:
            _save(run, result)
        wait(plan.device)
        display.say(epoch_line(result, recipe.schedule.epochs, display.seconds_left(state.step)))
        if run.options.on_epoch is not None:
            run.options.on_epoch(result)


def _save(run: _Run, result: EpochResult) -> None:
    plan = run.plan
    # The log goes first: resuming can cut a line too many, but not add one that is missing.
    log.append(plan.log_path, "epoch", _log_entry(result))
    save_checkpoint(plan.checkpoint_path, as_checkpoint(run.state, plan.recipe, plan.data))


def _log_entry(result: EpochResult) -> dict[str, object]:
    """The result as logs have it since 0.1.0, without the score of images that there are not."""
    entry = dataclasses.asdict(result)
    entry["pictures_per_second"] = entry.pop("images_per_second")
    return {name: value for name, value in entry.items() if value is not None}


def _test_score(run: _Run) -> Score | None:
    plan, data = run.plan, run.plan.data
    if data.test is None:
        return None
    layout = plan.recipe.run.channels_last
    score = evaluate(run.state.evaluated, data.test, data.preprocessing, channels_last=layout)
    _stop_unless_finite("test", score.loss, run)
    run.display.say(f"test: {score}")
    return score


def _stop_unless_finite(part: str, loss: float, run: _Run) -> None:
    recipe, state = run.plan.recipe, run.state
    if not math.isfinite(loss):
        raise RecipeError(
            f"{recipe.source}: epoch {state.epoch}, step {state.step}: expected a finite {part} "
            f"loss, found {loss}; a smaller [optimizer] lr ({recipe.optimizer.lr:g}) may help"
        )


def _end(run: _Run, test: Score | None) -> dict[str, object]:
    entry: dict[str, object] = {"epoch": run.state.epoch, "step": run.state.step}
    if test is not None and run.plan.data.test is not None:
        entry |= {
            "test_loss": test.loss,
            "test_accuracy": test.accuracy,
            "test_pictures": len(run.plan.data.test),
        }
    return entry
