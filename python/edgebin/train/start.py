"""How a run begins: a fresh one with a new log, or one that goes on from its checkpoint.

Of several processes the first alone writes. It refuses to write over another run.
"""

from __future__ import annotations

import os
from pathlib import Path

import torch
from torch import nn

from edgebin.errors import CheckpointError
from edgebin.train.backend.distributed import world
from edgebin.train.checkpoint import checkpoint
from edgebin.train.data.source import DataSet
from edgebin.train.initial import origin, same_start
from edgebin.train.log import log
from edgebin.train.recipe.recipe import Recipe, recipe_data
from edgebin.train.state import State, fresh_state, resumed_state


def begin(
    recipe: Recipe,
    data: DataSet,
    out: Path,
    *,
    device: torch.device,
    network: nn.Module | None,
    teacher: nn.Module | None,
    init: Path | None,
) -> State:
    """The state before the first epoch; the folder is made and the log begun.

    Raises:
        CheckpointError: the folder holds a run or cannot be written, or the weights to start from
            are missing, damaged or of another shape.
        RecipeError: as `state.fresh_state`.
        OptionError: likewise.
    """
    path = out / checkpoint.FILE_NAME
    if os.path.exists(path):  # unlike Path.exists, it never raises
        raise CheckpointError(
            f"{path}: expected no earlier run, found one; use --resume or another folder"
        )
    state = fresh_state(recipe, data, device=device, network=network, teacher=teacher, init=init)
    if not world().leads:
        return state
    header: dict[str, object] = {
        "recipe": recipe_data(recipe),
        "recipe_source": recipe.source,
        "seed": recipe.run.seed,
        "parameters": sum(parameter.numel() for parameter in state.network.parameters()),
        "pictures": {
            "train": len(data.train),
            "holdout": len(data.holdout) if data.holdout is not None else 0,
            "test": len(data.test) if data.test is not None else 0,
        },
    }
    if init is not None:
        header["init"] = origin(init)
    if state.teacher is not None:
        header["teacher"] = {"sha256": state.teacher.sha256}
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(f"{out}: cannot write there: {error}") from None
    log.start_log(out / log.FILE_NAME, {**header, **log.surroundings(device)})
    return state


def go_on(
    recipe: Recipe,
    data: DataSet,
    out: Path,
    *,
    device: torch.device,
    network: nn.Module | None,
    teacher: nn.Module | None,
    init: Path | None,
) -> State:
    """The state that the folder's checkpoint holds; the log is cut back to it.

    Raises:
        CheckpointError: there is none, it is damaged, or of another recipe, other classes, another
            teacher or another start than init.
        RecipeError: as `state.fresh_state`.
        OptionError: likewise.
    """
    path, log_path = out / checkpoint.FILE_NAME, out / log.FILE_NAME
    state = resumed_state(recipe, data, path, device=device, network=network, teacher=teacher)
    if world().leads:
        if init is not None:
            same_start(init, log_path)
        log.cut_back(log_path, state.epoch)
        log.append(log_path, "resume", {"epoch": state.epoch, **log.surroundings(device)})
    return state
