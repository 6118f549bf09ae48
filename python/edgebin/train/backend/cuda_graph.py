"""A step's forwards and backwards as one CUDA graph.

A GPU finishes a small network's kernels sooner than Python has launched the next; a recorded step
is replayed without Python. The first steps run as they are, then one is recorded, which computes
nothing, and every later one replays it on its own batch: the same kernels on the same numbers.
Where recording fails, training goes on without it. What a forward does besides kernels is lost in a
replay, so only networks that are known to do nothing else may be recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edgebin.errors import first_line
from edgebin.train.backend.step import Step

# Libraries choose their kernels and allocate their workspaces in the first steps.
_STEPS_BEFORE = 3


@dataclass(frozen=True, slots=True)
class _Recording:
    """A graph and the tensors that it reads and writes."""

    graph: torch.cuda.CUDAGraph
    inputs: tuple[Tensor, Tensor]
    outputs: tuple[Tensor, Tensor]
    gradients: tuple[tuple[nn.Parameter, Tensor | None], ...]


class GraphedStep:
    """A step that replays its recording.

    Args:
        step: to record; what it returns and the gradients it leaves must depend on its arguments
            and on tensors that keep their addresses alone. It runs batches of another shape itself.
        network: its parameters get the gradients.
        say: called with one line if recording fails.
    """

    def __init__(self, step: Step, network: nn.Module, say: Callable[[str], None]) -> None:
        """Record nothing yet."""
        self._step = step
        self._network = network
        self._say = say
        self._steps = 0
        self._stream: torch.cuda.Stream | None = None
        self._recording: _Recording | None = None

    def __call__(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits and loss; the next call writes over them, and over the gradients."""
        self._steps += 1
        if self._steps <= _STEPS_BEFORE:
            with self._recording_stream(x.device):
                return self._step(x, labels)
        if self._steps == _STEPS_BEFORE + 1:
            self._record(x, labels)
        recording = self._recording
        if recording is None or recording.inputs[0].shape != x.shape:
            return self._step(x, labels)
        for target, value in zip(recording.inputs, (x, labels), strict=True):
            target.copy_(value)
        recording.graph.replay()
        for parameter, gradient in recording.gradients:  # zero_grad may have detached them
            parameter.grad = gradient
        return recording.outputs

    def _record(self, x: Tensor, labels: Tensor) -> None:
        inputs = (torch.empty_like(x), torch.empty_like(labels))
        try:
            graph = torch.cuda.CUDAGraph()
            # A recording that fails leaves its stream the current one, but for the outer block.
            current = torch.cuda.stream(torch.cuda.current_stream(x.device))
            with current, torch.cuda.graph(graph, stream=self._stream):
                outputs = self._step(*inputs)
        except RuntimeError as error:
            first = error.__context__ or error  # what ends a failed recording fails as well
            if not isinstance(first, Exception):
                raise first from None
            reason = first_line(first)
            self._say(f"a CUDA graph does not work here, training without it: {reason}")
            return
        gradients = tuple((parameter, parameter.grad) for parameter in self._network.parameters())
        self._recording = _Recording(graph, inputs, outputs, gradients)

    @contextmanager
    def _recording_stream(self, device: torch.device) -> Iterator[None]:
        """On the stream on which a step will be recorded."""
        if device.type != "cuda":
            yield
            return
        if self._stream is None:
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        current = torch.cuda.current_stream(device)
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            yield
        current.wait_stream(self._stream)
