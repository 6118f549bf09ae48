"""Records what the ReLUs of a float network read on the calibration images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.fx import GraphModule, Interpreter, Node

from edgebin.converter.kinds import inputs_of, kind_of

_SAMPLES = 1024
"""Values of a channel that its scale is searched on."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The input of a ReLU.

    Attributes:
        samples: (C, M), M at most about 1024, drawn evenly from the images.
        mean: (C,), over all images and positions.
        variance: (C,), biased, over the same.
        top: where the activation is clipped: 6 for ReLU6, else infinity.
    """

    samples: Tensor
    mean: Tensor
    variance: Tensor
    top: float


class _Observer(Interpreter):
    def __init__(self, graph: GraphModule, watched: Sequence[Node], share: int) -> None:
        super().__init__(graph)
        self._watched = set(watched)
        self._share = share
        self._random = torch.Generator().manual_seed(0)
        self.samples: dict[Node, list[Tensor]] = {node: [] for node in watched}
        self.moments: dict[Node, list[Tensor]] = {node: [] for node in watched}

    def run_node(self, n: Node) -> object:
        value: object = super().run_node(n)
        if n in self._watched and isinstance(value, Tensor):
            rows = value.transpose(0, 1).flatten(1)
            self.moments[n].append(_moments(rows))
            if rows.shape[1] > self._share:
                places = torch.randint(rows.shape[1], (self._share,), generator=self._random)
                rows = rows[:, places.to(rows.device)]
            self.samples[n].append(rows.clone())
        return value


def observe(
    graph: GraphModule, relus: Sequence[Node], batches: Sequence[Tensor]
) -> dict[Node, Seen]:
    """Run the images once and keep what each ReLU reads."""
    reads = {relu: inputs_of(relu)[0] for relu in relus}
    share = -(-_SAMPLES // len(batches))
    watched = tuple(dict.fromkeys(reads.values()))
    observer = _Observer(graph, watched, share)
    for batch in batches:
        observer.run(batch)
    return {
        relu: _seen(
            observer.samples[read],
            observer.moments[read],
            6.0 if kind_of(graph, relu) == "relu6" else float("inf"),
        )
        for relu, read in reads.items()
    }


def _moments(rows: Tensor) -> Tensor:
    """Return (3, C) float64: count, sum and sum of squares of each row (C, M)."""
    exact = rows.double()
    count = torch.full_like(exact[:, 0], rows.shape[1])
    return torch.stack([count, exact.sum(1), exact.square().sum(1)])


def _seen(samples: list[Tensor], moments: list[Tensor], top: float) -> Seen:
    count, total, squares = torch.stack(moments).sum(0)
    mean = total / count
    variance = (squares / count - mean.square()).clamp_min(0.0)
    return Seen(torch.cat(samples, 1), mean, variance, top)
