"""What a run is made of, and what `fit` is given by name or path turned into it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from edgebin.errors import DataError, OptionError, RecipeError
from edgebin.train.backend.device import training_device
from edgebin.train.backend.distributed import world
from edgebin.train.checkpoint import checkpoint
from edgebin.train.data import open_data
from edgebin.train.data.source import DataSet
from edgebin.train.data.tensors import TorchData, tensor_data
from edgebin.train.log import log
from edgebin.train.objective.distillation import load_teacher
from edgebin.train.options import FitOptions
from edgebin.train.progress import counted
from edgebin.train.recipe.file import load_recipe
from edgebin.train.recipe.recipe import Recipe


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a run is made of; `loop.fit` explains each part."""

    recipe: Recipe
    data: DataSet
    out: Path
    device: torch.device
    network: nn.Module | None
    teacher: nn.Module | None
    init: Path | None
    exportable: bool

    @property
    def checkpoint_path(self) -> Path:
        """Where the checkpoint goes."""
        return self.out / checkpoint.FILE_NAME

    @property
    def log_path(self) -> Path:
        """Where the log goes."""
        return self.out / log.FILE_NAME

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches of an epoch; the incomplete last one is left out."""
        return len(self.data.train) // self.recipe.schedule.batch_size

    def first_line(self, network: nn.Module, epochs_done: int) -> str:
        """Return what is printed before the first step: what is trained, on what, how long."""
        recipe = self.recipe
        name = recipe.network.name if recipe.network is not None else type(network).__name__
        parameters = sum(parameter.numel() for parameter in network.parameters())
        images = counted(len(self.data.train), "image")
        epochs = counted(recipe.schedule.epochs, "epoch")
        epochs += f" of {counted(self.steps_per_epoch, 'step')}"
        if epochs_done:
            epochs += f", resumed after epoch {epochs_done}"
        return f"training {name} ({parameters:,} parameters) on {self.device}: {images}, {epochs}"


def make_plan(
    recipe: Recipe | str | Path,
    data: DataSet | TorchData | str | Path,
    out: str | Path,
    *,
    network: nn.Module | None,
    teacher: nn.Module | str | Path | None,
    options: FitOptions,
) -> RunPlan:
    """Load what is given by name or path, and check that there is a batch to train on.

    Raises:
        CheckpointError: the teacher's file is missing or damaged, or of other classes.
        DataError: there are fewer training images than a batch, or images are missing or damaged.
        OptionError: the device is not there, or an option is for a torch Dataset alone.
        RecipeError: the recipe is wrong, or processes cannot share its batch.
    """
    device = training_device(options.device)
    if not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe)
    data_set = _data_set(data, recipe, options)
    if isinstance(teacher, str | Path):
        teacher = load_teacher(teacher, data_set)
    init = Path(options.init) if options.init is not None else None
    plan = RunPlan(recipe, data_set, Path(out), device, network, teacher, init, options.exportable)
    _check_batches(plan)
    return plan


def _data_set(
    data: DataSet | TorchData | str | Path, recipe: Recipe, options: FitOptions
) -> DataSet:
    if not isinstance(data, DataSet | str | Path):
        return tensor_data(
            data,
            recipe,
            classes=options.classes,
            holdout=options.holdout,
            test=options.test,
            preprocessing=options.preprocessing,
        )
    for name in ("classes", "holdout", "test", "preprocessing"):
        if getattr(options, name) is not None:
            kind = "a data set" if isinstance(data, DataSet) else "a folder"
            raise OptionError(
                f"{name}: expected only beside a torch Dataset or DataLoader, found {kind}, which "
                "has its own"
            )
    if isinstance(data, DataSet):
        return data
    return open_data(data, recipe, device=options.device)


def _check_batches(plan: RunPlan) -> None:
    batch_size, processes = plan.recipe.schedule.batch_size, world().size
    if batch_size % processes:
        raise RecipeError(
            f"{plan.recipe.source}: [schedule] batch_size: expected a multiple of the {processes} "
            f"processes, found {batch_size}"
        )
    if plan.steps_per_epoch == 0:
        raise DataError(
            f"training images: expected at least a batch of {batch_size}, "
            f"found {len(plan.data.train)}"
        )
