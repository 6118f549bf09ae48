"""The state of a run between two epochs: network, optimiser, generators, and how far it is.

A state goes into a checkpoint and comes back as if nothing had happened. It refuses a checkpoint
of another recipe or of other classes, and a state that does not fit the optimiser.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from edgebin.errors import CheckpointError
from edgebin.nn.networks import Option, build, check_options
from edgebin.train.checkpoint import (
    Checkpoint,
    damaged,
    is_tensor,
    load_checkpoint,
    restore_model,
)
from edgebin.train.data.source import DataSet
from edgebin.train.optimizer import make_optimizer
from edgebin.train.recipe import Recipe, recipe_data

_BUFFERS: Mapping[type, frozenset[str]] = MappingProxyType(
    {
        torch.optim.SGD: frozenset({"momentum_buffer"}),
        torch.optim.AdamW: frozenset({"step", "exp_avg", "exp_avg_sq"}),
    }
)


@dataclass(slots=True)
class State:
    """What changes during a run; epoch and step count what is done."""

    network: nn.Module
    options: Mapping[str, Option]
    optimizer: torch.optim.Optimizer
    generator: torch.Generator
    epoch: int = 0
    step: int = 0


def fresh_state(recipe: Recipe, data: DataSet, *, device: torch.device) -> State:
    """The state before the first epoch; seeds torch's own generator too."""
    options = check_options(
        recipe.network.name,
        {
            **recipe.network.options,
            "num_classes": len(data.classes),
            "input_size": data.preprocessing.input_size,
        },
    )
    torch.manual_seed(recipe.run.seed)
    network = build(recipe.network.name, **options)
    return State(
        _placed(network, recipe, device),
        options,
        make_optimizer(network, recipe.optimizer),
        torch.Generator().manual_seed(recipe.run.seed),
    )


def resumed_state(recipe: Recipe, data: DataSet, path: Path, *, device: torch.device) -> State:
    """The state that a checkpoint holds.

    Raises:
        CheckpointError: it is missing, damaged, or of another recipe or other classes.
    """
    checkpoint = load_checkpoint(path)
    _same_recipe(recipe, checkpoint, path)
    if checkpoint.classes != data.classes:
        raise CheckpointError(
            f"{path}: expected a run with the {len(data.classes)} classes of the data, "
            f"found {len(checkpoint.classes)} classes or other names"
        )
    state = fresh_state(recipe, data, device=device)
    restore_model(state.network, checkpoint, path)
    _restore_optimizer(state.optimizer, checkpoint.optimizer, path)
    generators = {"data_rng": state.generator, "torch_rng": torch.default_generator}
    for name, generator in generators.items():
        saved = getattr(checkpoint, name)
        try:
            generator.set_state(saved)
        except (RuntimeError, TypeError):
            raise damaged(path, name, "the state of a generator", saved) from None
    state.epoch, state.step = checkpoint.epoch, checkpoint.step
    return state


def as_checkpoint(state: State, recipe: Recipe, data: DataSet) -> Checkpoint:
    """The state as a checkpoint."""
    return Checkpoint(
        network=recipe.network.name,
        options=state.options,
        classes=data.classes,
        preprocessing=data.preprocessing,
        recipe=recipe_data(recipe),
        epoch=state.epoch,
        step=state.step,
        model={name: value.cpu() for name, value in state.network.state_dict().items()},
        optimizer=state.optimizer.state_dict(),
        data_rng=state.generator.get_state(),
        torch_rng=torch.get_rng_state(),
    )


def _placed(network: nn.Module, recipe: Recipe, device: torch.device) -> nn.Module:
    network.to(device)
    if recipe.run.channels_last:
        # torch's stubs know `to(memory_format=...)` for tensors only.
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def _restore_optimizer(
    optimizer: torch.optim.Optimizer, saved: Mapping[str, object], path: Path
) -> None:
    groups = optimizer.state_dict()["param_groups"]
    if not _same_groups(saved.get("param_groups"), groups):
        found = saved.get("param_groups")
        raise damaged(path, "optimizer.param_groups", "the parameters of the network", found)
    state = saved.get("state")
    if not isinstance(state, dict):
        raise damaged(path, "optimizer.state", "a table", state)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for index in state:
        if type(index) is not int or not 0 <= index < len(parameters):
            raise damaged(path, "optimizer.state", "numbers of parameters", index)
    names = _BUFFERS[type(optimizer)]
    buffers = {
        index: _buffers(entries, parameters[index], names, f"optimizer.state.{index}", path)
        for index, entries in state.items()
    }
    # The recipe alone decides the settings, so the file's are not taken.
    optimizer.load_state_dict({"state": buffers, "param_groups": groups})


def _same_groups(saved: object, groups: list[dict[str, Any]]) -> bool:
    if not isinstance(saved, list) or len(saved) != len(groups):
        return False
    for theirs, ours in zip(saved, groups, strict=True):
        indices = theirs.get("params") if isinstance(theirs, dict) else None
        if not isinstance(indices, list) or any(type(index) is not int for index in indices):
            return False
        if indices != ours["params"]:
            return False
    return True


def _buffers(
    entries: object, parameter: Tensor, names: frozenset[str], label: str, path: Path
) -> dict[str, Tensor]:
    if not isinstance(entries, dict):
        raise damaged(path, label, "a table", entries)
    if entries and entries.keys() != names:
        raise damaged(path, label, f"the entries {', '.join(sorted(names))}", entries)
    buffers = {}
    for name, value in entries.items():
        shape = torch.Size() if name == "step" else parameter.shape
        if not (is_tensor(value) and value.is_floating_point() and value.shape == shape):
            expected = f"a float tensor of shape {tuple(shape)}"
            raise damaged(path, f"{label}.{name}", expected, value)
        if name == "step" and not 0 <= value.item() < math.inf:
            raise damaged(path, f"{label}.{name}", "a step of at least 0", value.item())
        # A copy, for a tensor of a file may overlap itself or another.
        buffers[name] = value.detach().clone()
    return buffers


def _same_recipe(recipe: Recipe, checkpoint: Checkpoint, path: Path) -> None:
    ours = _flat(recipe_data(recipe))
    theirs = _flat(checkpoint.recipe)
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key):
            raise CheckpointError(
                f"{path}: expected a run of the same recipe, found {key} = {theirs.get(key)!r} "
                f"instead of {ours.get(key)!r}"
            )


def _flat(table: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    return {f"[{name}] {key}": entry for name, rows in table.items() for key, entry in rows.items()}
