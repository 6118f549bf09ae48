"""What a layer should answer: two kinds of target.

- `Response`: what the teacher's layer answers inside the teacher, on the same pictures. What the
  layers before it have lost is made good here, as far as signs can (asymmetric targets). Where the
  answer is added to a residual stream, the target is what the sum lacks, so that errors of the
  stream do not pile up.
- `LayerAlone`: what the teacher's layer would answer to what the student's layer reads.

Source: GPTAQ, arXiv 2504.02692, for the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.refine.responses import seen_at
from edgebin.refine.sites import Site
from edgebin.refine.teacher import counterpart


class Target(Protocol):
    """A kind of target; centred if its mean is left to an intercept, else something to explain."""

    centred: bool

    def answers(self, student: nn.Module, site: Site, x: Tensor) -> tuple[Tensor, Tensor]:
        """What the site reads, and what it should answer, in the shape of its answers."""


class Response:
    """See the file's head."""

    def __init__(
        self, teacher: nn.Module, carriers: Mapping[str, str], *, centred: bool = True
    ) -> None:
        """The teacher in eval mode, residual sums as `carriers` finds them, and as in `Target`."""
        self.teacher = teacher
        self.carriers = carriers
        self.centred = centred

    def answers(self, student: nn.Module, site: Site, x: Tensor) -> tuple[Tensor, Tensor]:
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


class LayerAlone:
    """See the file's head."""

    centred = True

    def __init__(self, teacher: nn.Module) -> None:
        """The teacher in eval mode."""
        self.teacher = teacher

    def answers(self, student: nn.Module, site: Site, x: Tensor) -> tuple[Tensor, Tensor]:
        """See `Target`."""
        ((read, _),) = seen_at(student, [site.layer], x)
        with torch.no_grad():
            return read, counterpart(self.teacher, site)(read)
