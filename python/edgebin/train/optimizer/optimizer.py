"""The optimizer of a recipe and its learning rate at each step.

The rate is a pure function of the step, so a resumed run needs no scheduler state.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from edgebin.train.recipe.recipe import OptimizerRecipe, ScheduleRecipe


def make_optimizer(network: nn.Module, recipe: OptimizerRecipe) -> torch.optim.Optimizer:
    """Return SGD or AdamW over all parameters that require a gradient.

    With decay_all false, biases and batch norms, the vectors, are not decayed.
    """
    decayed: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for parameter in network.parameters():
        if parameter.requires_grad:
            (decayed if recipe.decay_all or parameter.dim() > 1 else free).append(parameter)
    groups: list[dict[str, object]] = [{"params": decayed, "weight_decay": recipe.weight_decay}]
    if free:
        groups.append({"params": free, "weight_decay": 0.0})
    if recipe.name == "adamw":
        return torch.optim.AdamW(groups, lr=recipe.lr)
    return torch.optim.SGD(groups, lr=recipe.lr, momentum=recipe.momentum, nesterov=recipe.nesterov)


def learning_rate(base: float, schedule: ScheduleRecipe, step: int, steps_per_epoch: int) -> float:
    """Return the learning rate of a step, counted from 0 over the whole run.

    With W warm-up steps out of T: base * (step + 1) / W while step < W; afterwards, with
    p = (step - W) / (T - W), base * (1 + cos(pi p)) / 2 or base * (1 - p).

    Args:
        base: the recipe's lr.
        schedule: epochs, warm-up and kind of the fall.
        step: 0 .. T - 1.
        steps_per_epoch: batches in an epoch.
    """
    total = schedule.epochs * steps_per_epoch
    warmup = round(schedule.warmup_epochs * steps_per_epoch)
    if step < warmup:
        return base * (step + 1) / warmup
    progress = (step - warmup) / max(1, total - warmup)
    if schedule.kind == "linear":
        return base * (1.0 - progress)
    return base * 0.5 * (1.0 + math.cos(math.pi * progress))
