"""How a run starts, with a new log, or resumes from the checkpoint in its folder.

Of several processes the first alone writes. A folder that holds a run is never written over.
"""

from __future__ import annotations

import os

from edgebin.errors import CheckpointError
from edgebin.train.backend.distributed import world
from edgebin.train.initial_weights import check_same_start, origin
from edgebin.train.log import log
from edgebin.train.plan import RunPlan
from edgebin.train.recipe.recipe import recipe_data
from edgebin.train.state import State, fresh_state, resumed_state


def start(plan: RunPlan) -> State:
    """Return the state before the first epoch; the folder is made and the log begun.

    Raises:
        CheckpointError: the folder holds a run or cannot be written, or the weights to start from
            are missing, damaged or of another shape.
        ExportError: as `state.fresh_state`.
        RecipeError: as `state.fresh_state`.
        OptionError: as `state.fresh_state`.
    """
    if os.path.exists(plan.checkpoint_path):  # unlike Path.exists, it never raises
        raise CheckpointError(
            f"{plan.checkpoint_path}: expected no earlier run, found one; use --resume or another "
            "folder"
        )
    state = fresh_state(
        plan.recipe,
        plan.data,
        device=plan.device,
        network=plan.network,
        teacher=plan.teacher,
        init=plan.init,
        exportable=plan.exportable,
    )
    if world().leads:
        header = _header(plan, state)
        try:
            plan.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CheckpointError(f"{plan.out}: cannot write there: {error}") from None
        log.start_log(plan.log_path, {**header, **log.surroundings(plan.device)})
    return state


def resume(plan: RunPlan) -> State:
    """Return the state that the folder's checkpoint holds; the log is cut back to it.

    Raises:
        CheckpointError: there is none, it is damaged, or of another recipe, other classes, another
            teacher or another start than init.
        RecipeError: as `state.fresh_state`.
        OptionError: as `state.fresh_state`.
    """
    state = resumed_state(
        plan.recipe,
        plan.data,
        plan.checkpoint_path,
        device=plan.device,
        network=plan.network,
        teacher=plan.teacher,
    )
    if world().leads:
        if plan.init is not None:
            check_same_start(plan.init, plan.log_path)
        log.cut_back(plan.log_path, state.epoch)
        entry = {"epoch": state.epoch, **log.surroundings(plan.device)}
        log.append(plan.log_path, "resume", entry)
    return state


def _header(plan: RunPlan, state: State) -> dict[str, object]:
    data = plan.data
    header: dict[str, object] = {
        "recipe": recipe_data(plan.recipe),
        "recipe_source": plan.recipe.source,
        "seed": plan.recipe.run.seed,
        "parameters": sum(parameter.numel() for parameter in state.network.parameters()),
        "pictures": {
            "train": len(data.train),
            "holdout": len(data.holdout) if data.holdout is not None else 0,
            "test": len(data.test) if data.test is not None else 0,
        },
    }
    if plan.init is not None:
        header["init"] = origin(plan.init)
    if state.teacher is not None:
        header["teacher"] = {"sha256": state.teacher.sha256}
    return header
