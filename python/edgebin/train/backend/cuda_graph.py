"""A step's forwards and backwards as one CUDA graph.

A GPU is done with a small network's kernels sooner than Python has asked for the next; recorded
once and replayed, they need no asking. The first steps run as they are, then one is recorded, which
computes nothing, and every later one replays it on its own batch: the same kernels on the same
numbers. It refuses to end a run where recording fails, which goes on without, and to record
networks that it does not know: what a forward does besides kernels would be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edgebin.errors import first_line
from edgebin.train.objective import Gradients
from edgebin.train.recipe.recipe import Recipe

# Libraries choose their kernels and take their workspaces in the first steps.
_STEPS_BEFORE = 3


def can_be_graphed(recipe: Recipe, device: torch.device, processes: int) -> bool:
    """Whether a run's steps can be recorded: of a network that the recipe names, on one GPU."""
    ours = recipe.network is not None and recipe.run.compile
    return ours and device.type == "cuda" and processes == 1


@dataclass(frozen=True, slots=True)
class _Recording:
    """A graph and the tensors that it reads and writes."""

    graph: torch.cuda.CUDAGraph
    given: tuple[Tensor, Tensor]
    found: tuple[Tensor, Tensor]
    gradients: tuple[tuple[nn.Parameter, Tensor | None], ...]


class Graphed:
    """Gradients by replaying a recorded step.

    Args:
        gradients: to record; what it gives and leaves must depend on its arguments and on tensors
            that stay where they are. A batch of another shape than the recorded one is left to it.
        network: whose parameters get the gradients.
        say: told in one line why there is no graph.
    """

    def __init__(
        self, gradients: Gradients, network: nn.Module, say: Callable[[str], None]
    ) -> None:
        """Record nothing yet."""
        self._gradients = gradients
        self._network = network
        self._say = say
        self._steps = 0
        self._stream: torch.cuda.Stream | None = None
        self._recording: _Recording | None = None

    def __call__(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and loss; the next call writes over them, and over the gradients."""
        self._steps += 1
        if self._steps <= _STEPS_BEFORE:
            with self._beside(x.device):
                return self._gradients(x, labels)
        if self._steps == _STEPS_BEFORE + 1:
            self._record(x, labels)
        kept = self._recording
        if kept is None or kept.given[0].shape != x.shape:
            return self._gradients(x, labels)
        for place, value in zip(kept.given, (x, labels), strict=True):
            place.copy_(value)
        kept.graph.replay()
        for parameter, gradient in kept.gradients:  # somebody may have taken them off
            parameter.grad = gradient
        return kept.found

    def _record(self, x: Tensor, labels: Tensor) -> None:
        given = (torch.empty_like(x), torch.empty_like(labels))
        try:
            graph = torch.cuda.CUDAGraph()
            # A recording that fails leaves its stream the current one, but for the outer block.
            here = torch.cuda.stream(torch.cuda.current_stream(x.device))
            with here, torch.cuda.graph(graph, stream=self._stream):
                found = self._gradients(*given)
        except RuntimeError as error:
            first = error.__context__ or error  # what ends a failed recording fails as well
            if not isinstance(first, Exception):
                raise first from None
            reason = first_line(first)
            self._say(f"a CUDA graph does not work here, training without it: {reason}")
            return
        gradients = tuple((parameter, parameter.grad) for parameter in self._network.parameters())
        self._recording = _Recording(graph, given, found, gradients)

    @contextmanager
    def _beside(self, device: torch.device) -> Iterator[None]:
        """On the stream on which a step will be recorded."""
        if device.type != "cuda":
            yield
            return
        if self._stream is None:
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        here = torch.cuda.current_stream(device)
        self._stream.wait_stream(here)
        with torch.cuda.stream(self._stream):
            yield
        here.wait_stream(self._stream)
