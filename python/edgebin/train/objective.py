"""What a step of training minimises, and its gradients.

The loss is the cross-entropy of the recipe, mixed with what a teacher says where there is one. It
leaves the gradients in the parameters and refuses to move them: the optimiser does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from edgebin.train.backend.precision import autocast
from edgebin.train.distillation import distillation_loss
from edgebin.train.recipe.recipe import Recipe
from edgebin.train.state import State

Forward = Callable[[Tensor], Tensor]
# Images as the network takes them and labels (N,) -> logits (N, classes) and loss, both detached.
Gradients = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class Objective:
    """Gradients of a recipe's loss, by one forwards and one backwards.

    Attributes:
        state: its optimiser's parameters get the gradients, instead of those they had.
        recipe: what to minimise.
        forward: the state's network, perhaps compiled, or one of several processes'.
    """

    state: State
    recipe: Recipe
    forward: Forward

    def __call__(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (N, classes) in float32 and the loss, a scalar, of normalised images."""
        teacher = self.state.teacher
        with autocast(self.recipe.run.precision, x.device):
            logits = self.forward(x).float()
            wanted = teacher.logits(x) if teacher is not None else None
        smoothing = self.recipe.schedule.label_smoothing
        loss = F.cross_entropy(logits, labels, label_smoothing=smoothing)
        if teacher is not None and wanted is not None:
            how = teacher.recipe
            learned = distillation_loss(logits, wanted, how.temperature)
            loss = (1.0 - how.weight) * loss + how.weight * learned
        self.state.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        return logits.detach(), loss.detach()
