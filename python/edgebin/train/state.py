"""The state of a run between two epochs: network, optimizer, generators, and how far it is.

A state goes into a checkpoint and comes back bit for bit. The checkpoint must be of the same recipe
and classes, and its optimizer state must fit the optimizer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from edgebin.errors import CheckpointError
from edgebin.nn.networks import Option
from edgebin.train.checkpoint.checkpoint import Checkpoint, load_checkpoint
from edgebin.train.checkpoint.entries import damaged
from edgebin.train.checkpoint.network import restore_model
from edgebin.train.data.source import DataSet
from edgebin.train.initial_weights import load_initial_weights
from edgebin.train.network import moved, network_of
from edgebin.train.objective.distillation import Teacher, check_same_teacher, teacher_of
from edgebin.train.optimizer.ema import MovingAverage
from edgebin.train.optimizer.optimizer import make_optimizer
from edgebin.train.optimizer.state import restore_optimizer
from edgebin.train.recipe.recipe import Recipe, recipe_data, recipe_difference


@dataclass(slots=True)
class State:
    """What changes during a run, and its teacher; epoch and step count what is done.

    average is there if the recipe has a table [ema].
    """

    network: nn.Module
    options: Mapping[str, Option]
    optimizer: torch.optim.Optimizer
    generator: torch.Generator
    teacher: Teacher | None = None
    average: MovingAverage | None = None
    epoch: int = 0
    step: int = 0

    @property
    def evaluated(self) -> nn.Module:
        """The network that is scored and exported: the average if there is one."""
        return self.network if self.average is None else self.average.network


def fresh_state(
    recipe: Recipe,
    data: DataSet,
    *,
    device: torch.device,
    network: nn.Module | None = None,
    teacher: nn.Module | None = None,
    init: Path | None = None,
    exportable: bool = False,
) -> State:
    """Return the state before the first epoch; seeds torch's global generator too.

    Args:
        recipe: what to do.
        data: its classes and the size of its images.
        device: where to compute; the network is moved there.
        network: the user's own, with its weights, where the recipe names none.
        teacher: where the recipe has a table [distillation]; moved to the device too.
        init: a checkpoint whose weights the network starts from.
        exportable: as in `network.network_of`.

    Raises:
        ExportError: as `network.network_of`.
        CheckpointError: as `initial_weights.load_initial_weights`.
        RecipeError: as `network.network_of` and `distillation.teacher_of`.
        OptionError: as `network.network_of` and `distillation.teacher_of`.
    """
    torch.manual_seed(recipe.run.seed)
    student, options = network_of(recipe, data, network, exportable=exportable)
    moved(student, recipe, device)
    if init is not None:
        load_initial_weights(student, init)
    return State(
        student,
        options,
        make_optimizer(student, recipe.optimizer),
        torch.Generator().manual_seed(recipe.run.seed),
        teacher_of(recipe, data, teacher, student=student, device=device),
        MovingAverage(student, recipe.ema) if recipe.ema is not None else None,
    )


def resumed_state(
    recipe: Recipe,
    data: DataSet,
    path: Path,
    *,
    device: torch.device,
    network: nn.Module | None = None,
    teacher: nn.Module | None = None,
) -> State:
    """Return the state that a checkpoint holds; arguments as in `fresh_state`.

    Raises:
        CheckpointError: it is missing, damaged, or of another recipe, other classes, another number
            of steps an epoch or another teacher.
        RecipeError: as `network.network_of` and `distillation.teacher_of`.
        OptionError: as `network.network_of` and `distillation.teacher_of`.
    """
    checkpoint = load_checkpoint(path)
    _check_same_recipe(recipe, checkpoint, path)
    if checkpoint.classes != data.classes:
        raise CheckpointError(
            f"{path}: expected a run with the {len(data.classes)} classes of the data, "
            f"found {len(checkpoint.classes)} classes or other names"
        )
    _check_same_steps(recipe, data, checkpoint, path)
    state = fresh_state(recipe, data, device=device, network=network, teacher=teacher)
    check_same_teacher(checkpoint.teacher, state.teacher, path)
    restore_model(state.evaluated, checkpoint, path)
    if state.average is not None:
        if checkpoint.raw is None:
            raise CheckpointError(f"{path}: expected an entry 'raw', found none")
        restore_model(state.network, dataclasses.replace(checkpoint, model=checkpoint.raw), path)
    restore_optimizer(state.optimizer, checkpoint.optimizer, path)
    generators = {"data_rng": state.generator, "torch_rng": torch.default_generator}
    for name, generator in generators.items():
        saved = getattr(checkpoint, name)
        try:
            generator.set_state(saved)
        except (RuntimeError, TypeError):
            raise damaged(path, name, "the state of a generator", saved) from None
    state.epoch, state.step = checkpoint.epoch, checkpoint.step
    return state


def _check_same_steps(recipe: Recipe, data: DataSet, checkpoint: Checkpoint, path: Path) -> None:
    """With another number of steps an epoch the learning rate would leave its schedule."""
    epochs, images = recipe.schedule.epochs, len(data.train)
    if checkpoint.epoch > epochs:
        raise damaged(path, "epoch", f"at most {epochs}", checkpoint.epoch)
    expected = checkpoint.epoch * (images // recipe.schedule.batch_size)
    if checkpoint.step != expected:
        raise CheckpointError(
            f"{path}: expected a run that after epoch {checkpoint.epoch} is at step {expected}, as "
            f"the {images} training images have it, found step {checkpoint.step}"
        )


def as_checkpoint(state: State, recipe: Recipe, data: DataSet) -> Checkpoint:
    """Return the state as a checkpoint."""
    return Checkpoint(
        network=recipe.network.name if recipe.network is not None else "",
        options=state.options,
        classes=data.classes,
        preprocessing=data.preprocessing,
        recipe=recipe_data(recipe),
        epoch=state.epoch,
        step=state.step,
        model=_weights(state.evaluated),
        optimizer=state.optimizer.state_dict(),
        data_rng=state.generator.get_state(),
        torch_rng=torch.get_rng_state(),
        teacher=state.teacher.sha256 if state.teacher is not None else None,
        raw=_weights(state.network) if state.average is not None else None,
    )


def _weights(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.cpu() for name, value in network.state_dict().items()}


def _check_same_recipe(recipe: Recipe, checkpoint: Checkpoint, path: Path) -> None:
    found = recipe_difference(checkpoint.recipe, recipe)
    if found is not None:
        raise CheckpointError(f"{path}: expected a run of the same recipe, found {found}")
