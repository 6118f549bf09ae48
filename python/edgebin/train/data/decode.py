"""One image file as a tensor, for training or for evaluation.

The random crop is Szegedy et al.'s (arXiv 1409.4842): a share of the area within a range, an
aspect ratio in 3/4..4/3. Random numbers are handed in, so that the result does not depend on which
thread decodes what. Decoding, resizing and cropping for evaluation are
`edgebin.runtime.preprocess`'s, so that a score is of the pixels that a board sees.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from edgebin.errors import DataError, InputError
from edgebin.graph.preprocessing import Preprocessing
from edgebin.runtime.preprocess import decode, fit

TRIES = 10


def crop_box(
    width: int, height: int, scale: Sequence[float], draws: np.ndarray
) -> tuple[int, int, int, int]:
    """Return a random crop as (left, top, right, bottom).

    Args:
        width: of the image, in pixels.
        height: of the image, in pixels.
        scale: least and greatest share of the area.
        draws: float64 (tries, 4), uniform in [0, 1): area, ratio, left, top of each attempt.

    Returns:
        The first attempt that fits, else the largest centred crop with a ratio in 3/4..4/3.
    """
    low, high = math.log(3 / 4), math.log(4 / 3)
    for area, ratio, left, top in draws.tolist():
        share = (scale[0] + area * (scale[1] - scale[0])) * width * height
        aspect = math.exp(low + ratio * (high - low))
        w, h = round(math.sqrt(share * aspect)), round(math.sqrt(share / aspect))
        if 0 < w <= width and 0 < h <= height:
            x, y = int(left * (width - w + 1)), int(top * (height - h + 1))
            return x, y, x + w, y + h
    w = min(width, max(1, round(height * 4 / 3)))
    h = min(height, max(1, round(width * 4 / 3)))
    x, y = (width - w) // 2, (height - h) // 2
    return x, y, x + w, y + h


def _opened(path: Path) -> Image.Image:
    try:
        return decode(path, "RGB")
    except InputError as error:
        reason = str(error).removeprefix(f'image "{path}": ')
        raise DataError(f"{path}: expected a readable image, found: {reason}") from None


def _as_tensor(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(image, dtype=np.uint8)).permute(2, 0, 1).contiguous()


def evaluation_image(path: Path, *, resize: int, size: int) -> Tensor:
    """Decode an image, its short side resized to `resize`, and crop the centre: (3, size, size).

    Raises:
        DataError: Pillow cannot read the file, or it is so long that it is too large when resized.
    """
    rule = Preprocessing(mean=(0.0,) * 3, scale=(1.0,) * 3, resize=resize)
    image = _opened(path)
    try:
        return _as_tensor(fit(image, (size, size), rule))
    except InputError as error:
        raise DataError(f"{path}: {error}") from None


def training_image(
    path: Path, *, size: int, scale: Sequence[float], flip: bool, draws: np.ndarray
) -> Tensor:
    """Decode an image and crop it at random, resized to `size`, perhaps mirrored: (3, size, size).

    Args:
        path: the image.
        size: side of the result, in pixels.
        scale: least and greatest share of the area.
        flip: whether it may be mirrored.
        draws: float64 (tries + 1, 4), uniform in [0, 1); the last row decides the mirroring.

    Raises:
        DataError: Pillow cannot read the file.
    """
    image = _opened(path)
    box = crop_box(*image.size, scale, draws[:-1])
    image = image.resize((size, size), Image.Resampling.BILINEAR, box=box)
    if flip and draws[-1, 0] < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return _as_tensor(image)
