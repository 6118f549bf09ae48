"""The training pictures that an alternating update looks at, normalised in batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.errors import DataError
from edgebin.refine.options import RefineOptions
from edgebin.train.data.source import Batch, DataSet, Source
from edgebin.train.evaluation import Score, network_input


@dataclass(frozen=True, slots=True)
class Losses:
    """Cross-entropy of each picture in nats, their mean, and the share of right answers, 0..1."""

    each: Tensor
    mean: float
    accuracy: float

    def score(self) -> Score:
        """Mean loss and accuracy."""
        return Score(self.mean, self.accuracy)

    def are_below(self, others: Losses) -> bool:
        """Whether their mean is, by more than the standard error of the mean difference.

        A binary network answers a little differently to almost any change, so a fall of the loss
        may be noise; the comparison picture by picture says how large that noise is.
        """
        falls = others.each - self.each
        return bool(falls.mean() > falls.std() / len(falls) ** 0.5)


class Pictures:
    """Pictures to measure on, and others to judge by, none of them of the test set.

    Args:
        data: its holdout part, as far as it goes, and then its train part give those to judge by.
        options: how many, and the seed of the choice.
        channels_last: layout of the batches: faster on CPUs and, but for rounding, the same, for
            networks that reshape nothing by `Tensor.view`.

    Raises:
        DataError: too few pictures.
    """

    def __init__(
        self, data: DataSet, options: RefineOptions, *, channels_last: bool = False
    ) -> None:
        """Read the chosen pictures."""
        generator = torch.Generator().manual_seed(options.seed)
        order = torch.randperm(len(data.train), generator=generator)
        held = 0 if data.holdout is None else min(len(data.holdout), options.holdout)
        needed = options.pictures + options.holdout - held
        if needed > len(order):
            raise DataError(
                f"training pictures: expected at least {needed}, of them {options.pictures} "
                f"(pictures) to measure on and {needed - options.pictures} (holdout) to judge by, "
                f"found {len(order)}"
            )
        self._size = options.batch_size
        self._channels_last = channels_last
        self._preprocessing = data.preprocessing
        self._measured = _read(data.train, order[: options.pictures])
        parts = (
            [_read(data.train, order[options.pictures : needed])]
            if needed > options.pictures
            else []
        )
        if data.holdout is not None and held:
            chosen = torch.randperm(len(data.holdout), generator=generator)[:held]
            parts.append(_read(data.holdout, chosen))
        self._judged = (torch.cat([p for p, _ in parts]), torch.cat([q for _, q in parts]))

    def measured(self) -> Iterator[Batch]:
        """Inputs (N, 3, S, S) float32 and labels of the pictures to measure on."""
        return self._batches(self._measured)

    def inputs(self) -> Iterator[Tensor]:
        """The inputs of `measured` alone."""
        return (x for x, _ in self.measured())

    def losses(self, network: nn.Module) -> Losses:
        """Of a network in eval mode, on each of the pictures to judge by."""
        losses, right = [], 0
        with torch.inference_mode():
            for x, labels in self._batches(self._judged):
                logits = network(x)
                losses.append(F.cross_entropy(logits, labels, reduction="none").double())
                right += int((logits.argmax(1) == labels).sum())
        each = torch.cat(losses)
        return Losses(each, each.mean().item(), right / len(each))

    def _batches(self, part: Batch) -> Iterator[Batch]:
        # Of about one size: batch norms weigh batches alike, and one picture has no variance.
        count = len(part[1])
        batches = max(1, min(-(-count // self._size), count // 2))
        for pictures, labels in zip(*(p.tensor_split(batches) for p in part), strict=True):
            x = network_input(pictures, self._preprocessing, channels_last=self._channels_last)
            yield x, labels


def _read(source: Source, chosen: Tensor) -> Batch:
    batches = list(source.evaluation(250, chosen))
    return torch.cat([pictures for pictures, _ in batches]), torch.cat([q for _, q in batches])
