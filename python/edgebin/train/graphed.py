"""A step's forwards and backwards as one CUDA graph.

A GPU is done with a small network's kernels sooner than Python has asked for the next; recorded
once and replayed, they need no asking. The first steps run as they are, then one is recorded, which
computes nothing, and every later one replays it on its own batch: the same kernels on the same
numbers. It refuses to end a run where recording fails: that goes on as it began, and is told why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from edgebin.train.objective import Gradients

# Libraries choose their kernels and take their workspaces in the first steps.
_STEPS_BEFORE = 3


class Graphed:
    """Gradients by replaying a recorded step.

    Args:
        gradients: to record; what it gives and leaves must depend on its arguments and on tensors
            that stay where they are. All batches have one shape.
        say: told in one line why there is no graph.
    """

    def __init__(self, gradients: Gradients, say: Callable[[str], None]) -> None:
        """Record nothing yet."""
        self._gradients = gradients
        self._say = say
        self._steps = 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._given: tuple[Tensor, Tensor] | None = None
        self._found: tuple[Tensor, Tensor] | None = None

    def __call__(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and loss; the next call writes over them, and over the gradients."""
        self._steps += 1
        if self._steps <= _STEPS_BEFORE:
            with _beside(x.device):
                return self._gradients(x, labels)
        if self._steps == _STEPS_BEFORE + 1:
            self._record(x, labels)
        if self._graph is None or self._given is None or self._found is None:
            return self._gradients(x, labels)
        for kept, value in zip(self._given, (x, labels), strict=True):
            kept.copy_(value)
        self._graph.replay()
        return self._found

    def _record(self, x: Tensor, labels: Tensor) -> None:
        given = (torch.empty_like(x), torch.empty_like(labels))
        try:
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                found = self._gradients(*given)
        except RuntimeError as error:
            lines = str(error).splitlines() or [type(error).__name__]
            self._say(f"a CUDA graph does not work here, training without it: {lines[0]}")
            return
        self._graph, self._given, self._found = graph, given, found


@contextmanager
def _beside(device: torch.device) -> Iterator[None]:
    """On a stream of its own, as what is recorded next will be."""
    if device.type != "cuda":
        yield
        return
    here = torch.cuda.current_stream(device)
    aside = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    aside.wait_stream(here)
    with torch.cuda.stream(aside):
        yield
    here.wait_stream(aside)
