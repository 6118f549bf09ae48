"""Crops of a whole batch resized on the device, with Pillow's bilinear filter.

Pixel i of the output has its centre at start + (i + 1/2) * r, with r = (stop - start) / size. It is
the mean of the input pixels weighted by max(0, 1 - distance / max(1, r)): a triangle that widens
where the image shrinks. Rows, then columns, are products with such weights. Pillow rounds in
between, so a value may differ by one; a box of the output's size is copied exactly.
"""

from __future__ import annotations

import torch
from torch import Tensor


def resampled(images: Tensor, boxes: Tensor, mirrored: Tensor, size: int) -> Tensor:
    """Resize the box of each image to a square, perhaps mirrored.

    Args:
        images: uint8 (N, C, H, W).
        boxes: (N, 4), left, top, right, bottom in pixels, on the same device.
        mirrored: bool (N,), on the same device.
        size: side of the result in pixels.

    Returns:
        uint8 (N, C, size, size).
    """
    left, top, right, bottom = boxes.float().unbind(1)
    rows = _weights(top, bottom, images.shape[2], size)
    columns = _weights(left, right, images.shape[3], size)
    columns = torch.where(mirrored[:, None, None], columns.flip(1), columns)
    values = rows[:, None] @ images.float() @ columns[:, None].transpose(2, 3)
    return values.round().clamp(0, 255).to(torch.uint8)


def _weights(start: Tensor, stop: Tensor, length: int, size: int) -> Tensor:
    """Weights of `length` inputs in each of `size` outputs: (N, size, length), rows sum to 1."""
    device = start.device
    span = ((stop - start) / size)[:, None]
    centres = start[:, None] + (torch.arange(size, device=device) + 0.5) * span
    pixels = torch.arange(length, device=device) + 0.5
    distance = (pixels - centres[:, :, None]).abs() / span.clamp(min=1.0)[:, :, None]
    weights = (1.0 - distance).clamp(min=0.0)
    return weights / weights.sum(2, keepdim=True)
