"""How a training step is computed: as it is, compiled, by several processes, or as a CUDA graph.

The choice is the recipe's and the machine's; `objective.py` says what is computed, `backend` how.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from edgebin.train.backend.compile import compiled_or_plain
from edgebin.train.backend.cuda_graph import GraphedStep
from edgebin.train.backend.distributed import world
from edgebin.train.backend.precision import autocast, is_emulated
from edgebin.train.backend.step import Step
from edgebin.train.data.source import DataSet
from edgebin.train.evaluation import network_input
from edgebin.train.objective.objective import Objective
from edgebin.train.recipe.recipe import Recipe
from edgebin.train.state import State


def make_step(state: State, recipe: Recipe, data: DataSet, say: Callable[[str], None]) -> Step:
    """Return what computes a batch's loss and leaves its gradients in the state's parameters.

    Args:
        state: its network, its teacher and its optimizer.
        recipe: loss, precision, and whether to compile.
        data: the size of its images.
        say: called with a line about what takes long, and about what does not work here.
    """
    device = next(state.network.parameters()).device
    if is_emulated(recipe.run.precision, device):
        say(
            f"this CPU has no instructions for {recipe.run.precision}: "
            'precision = "float32" in [run] is faster'
        )
    student, teacher = state.network.train(), state.teacher
    forward: nn.Module = student
    if recipe.run.compile:
        example = _example(recipe, data, device)
        say("compiling the network, which takes up to some minutes")
        forward = _compiled(student, example, recipe, say)
        if teacher is not None and forward is not student:
            with torch.no_grad():  # a compiled forward is of one mode of gradients
                compiled = _compiled(teacher.network, example, recipe, say)
            teacher = dataclasses.replace(teacher, network=compiled)
    if world().size > 1:
        forward = _averaging_gradients(forward)
    objective = Objective(recipe, forward, state.optimizer, teacher)
    if not can_be_graphed(recipe, device):
        return objective
    return GraphedStep(objective, state.network, say)


def can_be_graphed(recipe: Recipe, device: torch.device) -> bool:
    """Return whether steps can be recorded: a compiled network of the recipe, on one GPU.

    A network of the user's own may do more in a forward pass than kernels, which a replay omits.
    """
    compiled = recipe.network is not None and recipe.run.compile
    return compiled and device.type == "cuda" and world().size == 1


def _example(recipe: Recipe, data: DataSet, device: torch.device) -> torch.Tensor:
    """A batch of one process as training gives it, but black: shape, type, layout, device."""
    side = data.preprocessing.input_size
    shape = (recipe.schedule.batch_size // world().size, 3, side, side)
    images = torch.zeros(shape, dtype=torch.uint8, device=device)
    return network_input(images, data.preprocessing, channels_last=recipe.run.channels_last)


def _compiled(
    network: nn.Module, example: torch.Tensor, recipe: Recipe, say: Callable[[str], None]
) -> nn.Module:
    with autocast(recipe.run.precision, example.device):
        return compiled_or_plain(network, example, say)


def _averaging_gradients(forward: nn.Module) -> nn.Module:
    with warnings.catch_warnings():  # torch 2.13 has another name, which 2.7 does not know
        warnings.simplefilter("ignore", FutureWarning)
        # Batch norms see the whole batch, so their buffers are the same in every process.
        return DistributedDataParallel(forward, broadcast_buffers=False)
