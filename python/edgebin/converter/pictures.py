"""The pictures that a conversion is calibrated on, as batches of about one size.

It accepts a tensor, or what a DataLoader gives, and refuses what the network could not have been
trained on: other types and shapes, infinities and NaN.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError

_BATCH = 64
"""Enough for the statistics of a batch norm, little enough for the memory of a laptop."""


def as_batches(pictures: object, model: nn.Module) -> list[Tensor]:
    """Batches of at most 64 pictures, on the model's device and in its float type.

    Raises:
        OptionError: anything else than at least two finite float pictures of one shape.
    """
    if isinstance(pictures, Tensor):
        whole = _checked(pictures)
    elif isinstance(pictures, Iterable) and not isinstance(pictures, str | bytes | dict):
        batches = [_checked(_pictures_of(batch)) for batch in pictures]
        shapes = sorted({tuple(batch.shape[1:]) for batch in batches})
        if len(shapes) != 1:
            raise OptionError(f"pictures: expected batches of one shape, found {shapes or 'none'}")
        whole = torch.cat(batches)
    else:
        raise OptionError(
            "pictures: expected a float tensor (N, C, H, W) or an iterable of them, "
            f"found {type(pictures).__name__}"
        )
    if len(whole) < 2:
        raise OptionError(f"pictures: expected at least 2, found {len(whole)}")
    like = next(model.parameters(), None)
    if like is not None:
        whole = whole.to(like.device, like.dtype)
    return list(whole.tensor_split(-(-len(whole) // _BATCH)))


def _pictures_of(batch: object) -> object:
    """The pictures of a (pictures, labels) pair."""
    return batch[0] if isinstance(batch, tuple | list) and batch else batch


def _checked(batch: object) -> Tensor:
    if not isinstance(batch, Tensor):
        raise OptionError(
            f"pictures: expected float tensors (N, C, H, W), found {type(batch).__name__}"
        )
    if batch.dim() != 4 or not batch.is_floating_point():
        kind = str(batch.dtype).removeprefix("torch.")
        raise OptionError(
            f"pictures: expected float (N, C, H, W), found {kind} {tuple(batch.shape)}"
        )
    if not bool(torch.isfinite(batch).all()):
        raise OptionError("pictures: expected finite values, found NaN or infinity")
    return batch.detach()
