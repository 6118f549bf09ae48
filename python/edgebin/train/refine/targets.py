"""What a layer should answer: three kinds of target, each as moments for `signs`.

- `Response`: what the teacher's layer answers inside the teacher, on the same pictures. What the
  layers before it have lost is made good here, as far as signs can (asymmetric targets). Where the
  answer is added to a residual stream, the target is what the sum lacks, so that errors of the
  stream do not pile up.
- `LayerAlone`: what the teacher's layer would answer to what the student's layer reads.
- `LossStep`: a Newton step of the loss itself. With g the gradient of a picture's loss at an
  answer y, c = mean(g^2) over all rows its curvature by channel (the diagonal of the empirical
  Fisher matrix), the target is y - step * g / c. The gradient comes through HWGQ's backward, so
  answers that the quantiser cannot see do not count.

Sources: GPTAQ, arXiv 2504.02692, for the first; for the last, BRECQ, arXiv 2102.05426, which
weights reconstruction by the same diagonal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.train.refine.moments import Moments, MomentSums
from edgebin.train.refine.responses import seen_at
from edgebin.train.refine.sites import Site
from edgebin.train.refine.teacher import counterpart


class Target(Protocol):
    """A kind of target."""

    # Several targets to choose between, by how far they lie from today's answers.
    steps: tuple[float, ...]

    def answers(
        self, student: nn.Module, site: Site, x: Tensor, labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What the site reads, and a tensor of the shape of its answers to sum up."""

    def moments(self, sums: MomentSums, weight: Tensor, step: float) -> Moments:
        """Moments of a group of channels from its sums; weight (O, K) in units of codes."""

    def mean(self, sums: MomentSums, weight: Tensor, bias: Tensor, step: float) -> Tensor:
        """The mean of what a group of channels should answer, (O,); bias (O,) is today's."""


class Response:
    """See the file's head."""

    steps: tuple[float, ...] = (1.0,)

    def __init__(
        self, teacher: nn.Module, carriers: Mapping[str, str], *, centred: bool = True
    ) -> None:
        """The teacher in eval mode, and residual sums as `carriers` finds them.

        centred=False counts the mean as something to explain.
        """
        self.teacher = teacher
        self.carriers = carriers
        self.centred = centred

    def answers(
        self, student: nn.Module, site: Site, x: Tensor, labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """See `Target`."""
        if site.name not in self.carriers:
            ((read, _),) = seen_at(student, [site.layer], x)
            ((_, wanted),) = seen_at(self.teacher, [counterpart(self.teacher, site)], x)
            return read, wanted
        name = self.carriers[site.name]
        (read, answer), (_, sum_here) = seen_at(
            student, [site.layer, student.get_submodule(name)], x
        )
        ((_, sum_wanted),) = seen_at(self.teacher, [self.teacher.get_submodule(name)], x)
        if sum_wanted.shape != sum_here.shape:
            raise OptionError(
                f"teacher: expected {name} to answer in shape {tuple(sum_here.shape)}, "
                f"found {tuple(sum_wanted.shape)}"
            )
        return read, sum_wanted - (sum_here - answer)

    def moments(self, sums: MomentSums, weight: Tensor, step: float) -> Moments:
        """See `Target`."""
        return sums.moments(centred=self.centred)

    def mean(self, sums: MomentSums, weight: Tensor, bias: Tensor, step: float) -> Tensor:
        """See `Target`."""
        return sums.means()[1]


class LayerAlone:
    """See the file's head."""

    steps: tuple[float, ...] = (1.0,)

    def __init__(self, teacher: nn.Module) -> None:
        """The teacher in eval mode."""
        self.teacher = teacher

    def answers(
        self, student: nn.Module, site: Site, x: Tensor, labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """See `Target`."""
        ((read, _),) = seen_at(student, [site.layer], x)
        with torch.no_grad():
            return read, counterpart(self.teacher, site)(read)

    def moments(self, sums: MomentSums, weight: Tensor, step: float) -> Moments:
        """See `Target`."""
        return sums.moments()

    def mean(self, sums: MomentSums, weight: Tensor, bias: Tensor, step: float) -> Tensor:
        """See `Target`."""
        return sums.means()[1]


class LossStep:
    """See the file's head; `steps` are tried from the longest."""

    def __init__(self, steps: tuple[float, ...] = (0.3, 0.1, 0.03)) -> None:
        """Start without knowledge of any gradient."""
        self.steps = steps

    def answers(
        self, student: nn.Module, site: Site, x: Tensor, labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """See `Target`; the tensor is the gradient g."""
        seen: list[tuple[Tensor, Tensor]] = []

        def cut(_module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
            answer = output.detach().requires_grad_()
            # Copies, for the rest of the network may work in place.
            seen.append((inputs[0].detach().clone(), answer))
            return answer.clone()

        handle = site.layer.register_forward_hook(cut)
        try:
            with torch.enable_grad():
                loss = F.cross_entropy(student(x), labels, reduction="sum")
        finally:
            handle.remove()
        read, answer = seen[0]
        (gradient,) = torch.autograd.grad(loss, answer)
        return read, gradient

    def moments(self, sums: MomentSums, weight: Tensor, step: float) -> Moments:
        """See `Target`."""
        gradients = sums.moments()
        answers = gradients.gram @ weight.T
        return Moments(gradients.gram, answers - step * gradients.cross / _curvature(sums))

    def mean(self, sums: MomentSums, weight: Tensor, bias: Tensor, step: float) -> Tensor:
        """See `Target`."""
        x, gradient = sums.means()
        return weight @ x + bias - step * gradient / _curvature(sums)


def _curvature(sums: MomentSums) -> Tensor:
    return sums.mean_square().clamp_min(torch.finfo(torch.float64).tiny)
