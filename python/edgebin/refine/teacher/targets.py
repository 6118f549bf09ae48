"""Teacher targets: what a binary layer should answer.

- `ResponseTarget`: the output of the teacher's layer inside the teacher, on the same images. The
  layer then also compensates the errors of the layers before it, as far as signs can (asymmetric
  targets). Where its output is added to a residual stream, the target is what the sum lacks, so
  that errors of the stream do not accumulate.
- `LayerTarget`: the output of the teacher's layer for the input of the student's layer.

Source: GPTAQ, arXiv 2504.02692, for the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.refine.layer.binary_layers import BinaryLayer
from edgebin.refine.layer.capture import capture
from edgebin.refine.teacher.network import counterpart


class Target(Protocol):
    """A kind of target.

    Attributes:
        centred: whether its mean is left to an intercept; otherwise the signs have to explain it.
    """

    centred: bool

    def input_and_target(
        self, student: nn.Module, layer: BinaryLayer, x: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the layer's input, and its target in the shape of its output, for images x."""


class ResponseTarget:
    """See the head of the file."""

    def __init__(
        self, teacher: nn.Module, joins: Mapping[str, str], *, centred: bool = True
    ) -> None:
        """Take a teacher in eval mode, joins as `residual_joins` finds them, and see `Target`."""
        self.teacher = teacher
        self.joins = joins
        self.centred = centred

    def input_and_target(
        self, student: nn.Module, layer: BinaryLayer, x: Tensor
    ) -> tuple[Tensor, Tensor]:
        """See `Target`."""
        if layer.name not in self.joins:
            ((read, _),) = capture(student, [layer.module], x)
            ((_, target),) = capture(self.teacher, [counterpart(self.teacher, layer)], x)
            return read, target
        name = self.joins[layer.name]
        (read, output), (_, own_sum) = capture(
            student, [layer.module, student.get_submodule(name)], x
        )
        ((_, teacher_sum),) = capture(self.teacher, [self.teacher.get_submodule(name)], x)
        if teacher_sum.shape != own_sum.shape:
            raise OptionError(
                f"teacher: expected {name} to return shape {tuple(own_sum.shape)}, "
                f"found {tuple(teacher_sum.shape)}"
            )
        return read, teacher_sum - (own_sum - output)


class LayerTarget:
    """See the head of the file."""

    centred = True

    def __init__(self, teacher: nn.Module) -> None:
        """Take a teacher in eval mode."""
        self.teacher = teacher

    def input_and_target(
        self, student: nn.Module, layer: BinaryLayer, x: Tensor
    ) -> tuple[Tensor, Tensor]:
        """See `Target`."""
        ((read, _),) = capture(student, [layer.module], x)
        with torch.no_grad():
            return read, counterpart(self.teacher, layer)(read)
