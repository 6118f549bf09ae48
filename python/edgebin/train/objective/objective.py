"""What a step of training minimises, and its gradients.

The loss is the cross-entropy of the recipe, mixed with the distance to a teacher's logits if there
is one. The gradients are left in the parameters; the optimizer moves them, in `epoch.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from edgebin.train.backend.precision import autocast
from edgebin.train.objective.distillation import Teacher, distillation_loss
from edgebin.train.recipe.recipe import Recipe

Forward: TypeAlias = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Objective:
    """Gradients of a recipe's loss, by one forwards and one backwards: a `backend.step.Step`.

    Attributes:
        recipe: what to minimise.
        forward: the network, perhaps compiled, or wrapped for several processes.
        optimizer: its parameters get the gradients, instead of those they had.
        teacher: whose logits to learn from, None where there is none.
    """

    recipe: Recipe
    forward: Forward
    optimizer: torch.optim.Optimizer
    teacher: Teacher | None = None

    def __call__(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (N, classes) in float32 and the loss, a scalar, of normalised images."""
        teacher = self.teacher
        with autocast(self.recipe.run.precision, x.device):
            logits = self.forward(x).float()
            targets = teacher.logits(x) if teacher is not None else None
        smoothing = self.recipe.schedule.label_smoothing
        loss = F.cross_entropy(logits, labels, label_smoothing=smoothing)
        if teacher is not None and targets is not None:
            weight, temperature = teacher.recipe.weight, teacher.recipe.temperature
            distance = distillation_loss(logits, targets, temperature)
            loss = (1.0 - weight) * loss + weight * distance
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        return logits.detach(), loss.detach()
