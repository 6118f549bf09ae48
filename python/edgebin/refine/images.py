"""The training images of an alternating update: some to measure on, others to judge by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.errors import DataError
from edgebin.refine.options import RefineOptions
from edgebin.refine.torch_data import torch_data_set
from edgebin.train.backend.device import training_device
from edgebin.train.data.source import Batch, DataSet, Source
from edgebin.train.data.tensors import TorchData
from edgebin.train.evaluation import network_input
from edgebin.train.results import Score

_READ_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class Losses:
    """Cross-entropy of each image in nats, (N,), their mean, and the share of right answers."""

    each: Tensor
    mean: float
    accuracy: float

    def score(self) -> Score:
        """Return mean loss and accuracy."""
        return Score(self.mean, self.accuracy)

    def are_below(self, others: Losses) -> bool:
        """Whether the mean is lower by more than the standard error of the mean difference.

        A binary network answers slightly differently to almost any change, so a fall of the loss
        may be noise; the comparison image by image tells how large that noise is.
        """
        falls = others.each - self.each
        return bool(falls.mean() > falls.std() / len(falls) ** 0.5)


class RefineImages:
    """Images to measure on and other images to judge by, none of them from the test set.

    Args:
        data: the images to judge by come from its holdout part first, and then from its train part;
            a torch Dataset or DataLoader, as `refine` takes it, has a train part alone.
        options: how many, and the seed of the choice.
        channels_last: memory layout of the batches: faster on CPUs and, up to rounding, the same,
            for networks that reshape nothing by `Tensor.view`.
        device: where batches are wanted; None leaves them where the data set has them.

    Raises:
        DataError: too few images, or an item of a Dataset that is no such pair.
    """

    def __init__(
        self,
        data: DataSet | TorchData,
        options: RefineOptions,
        *,
        channels_last: bool = False,
        device: str | torch.device | None = None,
    ) -> None:
        """Read the chosen images."""
        data = data if isinstance(data, DataSet) else torch_data_set(data)
        generator = torch.Generator().manual_seed(options.seed)
        order = torch.randperm(len(data.train), generator=generator)
        held_out = 0 if data.holdout is None else min(len(data.holdout), options.holdout)
        needed = options.images + options.holdout - held_out
        if needed > len(order):
            raise DataError(
                f"training images: expected at least {needed}, of them {options.images} "
                f"(images) to measure on and {needed - options.images} (holdout) to judge by, "
                f"found {len(order)}"
            )
        self._batch_size = options.batch_size
        self._channels_last = channels_last
        self._device = None if device is None else training_device(device)
        self._preprocessing = data.preprocessing
        self._measured = _read(data.train, order[: options.images])
        parts = []
        if needed > options.images:
            parts.append(_read(data.train, order[options.images : needed]))
        if data.holdout is not None and held_out:
            chosen = torch.randperm(len(data.holdout), generator=generator)[:held_out]
            parts.append(_read(data.holdout, chosen))
        self._judging = (torch.cat([x for x, _ in parts]), torch.cat([y for _, y in parts]))

    def counts(self) -> tuple[int, int]:
        """Return the number of images to measure on, and of those to judge by."""
        return len(self._measured[1]), len(self._judging[1])

    def measured(self) -> Iterator[Batch]:
        """Yield inputs (N, 3, S, S) float32 and labels (N,) of the images to measure on."""
        return self._batches(self._measured)

    def inputs(self) -> Iterator[Tensor]:
        """Yield the inputs of `measured` alone."""
        return (x for x, _ in self.measured())

    def losses(self, network: nn.Module) -> Losses:
        """Return the losses of a network in eval mode on the images to judge by.

        Raises:
            DataError: a label is none of the network's classes.
        """
        losses, right = [], 0
        with torch.inference_mode():
            for x, labels in self._batches(self._judging):
                logits = network(x)
                _check_labels(labels, logits.shape[1])
                losses.append(F.cross_entropy(logits, labels, reduction="none").double())
                right += int((logits.argmax(1) == labels).sum())
        each = torch.cat(losses)
        return Losses(each, each.mean().item(), right / len(each))

    def _batches(self, part: Batch) -> Iterator[Batch]:
        # Of about one size: batch norms weigh batches alike, and a single image has no variance.
        count = len(part[1])
        batches = max(1, min(-(-count // self._batch_size), count // 2))
        for images, labels in zip(*(p.tensor_split(batches) for p in part), strict=True):
            x, y = images.to(device=self._device), labels.to(device=self._device)
            yield network_input(x, self._preprocessing, channels_last=self._channels_last), y


def prepare_images(
    network: nn.Module,
    data: RefineImages | DataSet | TorchData,
    options: RefineOptions,
    *,
    teacher: nn.Module | None,
    device: str | torch.device | None,
) -> RefineImages:
    """Move the networks to the device and return the images, drawn from a data set if need be.

    Args:
        network: to refine.
        data: the images, or what they are drawn from.
        options: how many are drawn.
        teacher: moved with the network.
        device: None leaves both where they are.
    """
    if device is not None:
        device = training_device(device)
        for module in (network, teacher):
            if module is not None:
                module.to(device)
    if isinstance(data, RefineImages):
        return data
    if device is None:
        device = next(network.parameters()).device
    return RefineImages(data, options, device=device)


def _check_labels(labels: Tensor, classes: int) -> None:
    highest = int(labels.max())
    if highest >= classes:
        raise DataError(f"label: expected 0..{classes - 1}, one a class, found {highest}")


def _read(source: Source, chosen: Tensor) -> Batch:
    batches = list(source.evaluation(_READ_AT_ONCE, chosen))
    return torch.cat([images for images, _ in batches]), torch.cat([y for _, y in batches])
