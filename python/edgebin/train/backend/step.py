"""What the ways of running a training step have in common: the type of a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from torch import Tensor

Step: TypeAlias = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Network input (N, 3, S, S) and labels (N,) -> logits (N, classes) and mean loss, both detached.

A step leaves the gradients in the parameters of its network and moves no parameter.
"""
