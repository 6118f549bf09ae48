"""Parts of a data set whose images a torch Dataset or DataLoader gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from edgebin.errors import DataError
from edgebin.train.data.batch_check import BatchCheck, kind_of, read_item
from edgebin.train.data.source import WHOLE, Batch


class DatasetSource:
    """A part of a data set whose images a torch Dataset gives one by one, in this process.

    Args:
        dataset: has a length.
        check: what its images and labels must be.
    """

    def __init__(self, dataset: Dataset[Any], check: BatchCheck) -> None:
        """Keep the Dataset; no item is read yet."""
        self._dataset = dataset
        self._check = check
        self._count = _length(dataset)

    def __len__(self) -> int:
        """Return the number of images."""
        return self._count

    def training(
        self, batch_size: int, generator: torch.Generator, *, share: slice = WHOLE
    ) -> Iterator[Batch]:
        """See `source.Source`."""
        order = torch.randperm(len(self), generator=generator)
        for start in range(0, len(self) - batch_size + 1, batch_size):
            yield self._batch(order[start : start + batch_size][share])

    def evaluation(self, batch_size: int, chosen: Tensor | None = None) -> Iterator[Batch]:
        """See `source.Source`."""
        wanted = torch.arange(len(self)) if chosen is None else chosen.cpu()
        return (self._batch(indices) for indices in torch.split(wanted, batch_size))

    def _batch(self, indices: Tensor) -> Batch:
        items = [read_item(self._dataset, index) for index in indices.tolist()]
        images = torch.stack([self._check.image(image) for image, _ in items])
        return self._check.batch(images, torch.tensor([label for _, label in items]))


class LoaderSource:
    """A part of a data set whose batches a DataLoader makes, in its order and by its workers.

    Args:
        loader: of a Dataset with a length.
        check: what its images and labels must be.
    """

    def __init__(self, loader: DataLoader[Any], check: BatchCheck) -> None:
        """Keep the loader; no batch is read yet."""
        self._loader = loader
        self._check = check
        self._images = DatasetSource(loader.dataset, check)
        self._count = _length(loader.sampler)

    def __len__(self) -> int:
        """Return the number of images of an epoch."""
        return self._count

    def training(
        self,
        batch_size: int,
        generator: torch.Generator,  # noqa: ARG002
        *,
        share: slice = WHOLE,
    ) -> Iterator[Batch]:
        """See `source.Source`; the loader decides the order, so the generator is not asked.

        Raises:
            DataError: the loader makes batches of another size, or several processes train.
        """
        if self._loader.batch_size != batch_size:
            raise DataError(
                f"DataLoader: expected batch_size {batch_size}, as [schedule] has it, "
                f"found {self._loader.batch_size}"
            )
        if len(range(batch_size)[share]) < batch_size:
            raise DataError(
                "DataLoader: expected one process, found several, which need one order; pass "
                "its Dataset instead"
            )
        return (batch for batch in self._batches() if len(batch[1]) == batch_size)

    def evaluation(self, batch_size: int, chosen: Tensor | None = None) -> Iterator[Batch]:
        """See `source.Source`; where nothing is chosen, the batches are the loader's own.

        Raises:
            DataError: the loader leaves images out.
        """
        if chosen is None and self._loader.drop_last:
            raise DataError("DataLoader: expected drop_last=False for images to score, found True")
        if chosen is None:
            return self._batches()
        if len(self._images) != len(self):
            raise DataError(
                f"DataLoader: expected a sampler of all {len(self._images)} images to choose some, "
                f"found one of {len(self)}"
            )
        return self._images.evaluation(batch_size, chosen)

    def _batches(self) -> Iterator[Batch]:
        for batch in self._loader:
            if not isinstance(batch, list | tuple) or len(batch) != 2:
                raise DataError(
                    f"DataLoader: expected pairs of images and labels, found {kind_of(batch)}"
                )
            yield self._check.batch(*batch)


def _length(data: Any) -> int:
    try:
        return len(data)
    except TypeError:
        raise DataError(
            f"data: expected a Dataset with a length, found {type(data).__name__} without one"
        ) from None
