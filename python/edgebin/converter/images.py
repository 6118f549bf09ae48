"""The calibration images of a conversion, as batches of about one size.

They come from a data set, as a tensor or from a DataLoader. Only finite float images of one shape
are accepted.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError
from edgebin.train.data.source import DataSet, normalised

_BATCH = 64
"""Enough for the statistics of a batch norm, little enough for the memory of a laptop."""
_OF_A_DATA_SET = 256
"""Training images that are taken from a data set, or all of a smaller one."""


def as_batches(images: object, model: nn.Module) -> list[Tensor]:
    """Return batches of at most 64 images, on the model's device and in its dtype.

    Raises:
        OptionError: anything else than at least two finite float images of one shape.
    """
    if isinstance(images, DataSet):
        whole = _checked(_training_images(images))
    elif isinstance(images, Tensor):
        whole = _checked(images)
    elif isinstance(images, Iterable) and not isinstance(images, str | bytes | dict):
        batches = [_checked(_images_of(batch)) for batch in images]
        shapes = sorted({tuple(batch.shape[1:]) for batch in batches})
        if len(shapes) != 1:
            raise OptionError(f"images: expected batches of one shape, found {shapes or 'none'}")
        whole = torch.cat(batches)
    else:
        raise OptionError(
            "images: expected a data set, a float tensor (N, C, H, W) or an iterable of them, "
            f"found {type(images).__name__}"
        )
    if len(whole) < 2:
        raise OptionError(f"images: expected at least 2, found {len(whole)}")
    like = next(model.parameters(), None)
    if like is not None:
        whole = whole.to(like.device, like.dtype)
    return list(whole.tensor_split(-(-len(whole) // _BATCH)))


def _training_images(data: DataSet) -> Tensor:
    """Return the same images each time, normalised as in training, without augmentation."""
    order = torch.randperm(len(data.train), generator=torch.Generator().manual_seed(0))
    batches = data.train.evaluation(_BATCH, order[:_OF_A_DATA_SET])
    return torch.cat([normalised(images, data.preprocessing) for images, _ in batches])


def _images_of(batch: object) -> object:
    """Return the images of an (images, labels) pair."""
    return batch[0] if isinstance(batch, tuple | list) and batch else batch


def _checked(batch: object) -> Tensor:
    if not isinstance(batch, Tensor):
        raise OptionError(
            f"images: expected float tensors (N, C, H, W), found {type(batch).__name__}"
        )
    if batch.dim() != 4 or not batch.is_floating_point():
        kind = str(batch.dtype).removeprefix("torch.")
        raise OptionError(f"images: expected float (N, C, H, W), found {kind} {tuple(batch.shape)}")
    if not bool(torch.isfinite(batch).all()):
        raise OptionError("images: expected finite values, found NaN or infinity")
    return batch.detach()
