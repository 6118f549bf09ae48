"""From images to logits, and the score of a network on a part of a data set.

It refuses to train: no gradient is recorded here.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.train.backend.precision import exact_convolutions
from edgebin.train.checkpoint.checkpoint import Preprocessing
from edgebin.train.data.source import Source, normalised

_BATCH = 250


@dataclass(frozen=True, slots=True)
class Score:
    """Mean cross-entropy (nats, without label smoothing) and share of right answers, 0..1."""

    loss: float
    accuracy: float


def network_input(images: Tensor, preprocessing: Preprocessing, *, channels_last: bool) -> Tensor:
    """Normalised float32 images in the wanted layout; uint8 (N, 3, S, S) in, same shape out."""
    layout = torch.channels_last if channels_last else torch.contiguous_format
    return normalised(images, preprocessing).contiguous(memory_format=layout)


def evaluate(
    network: nn.Module,
    source: Source,
    preprocessing: Preprocessing,
    *,
    channels_last: bool = False,
) -> Score:
    """Score of a network in eval mode; its mode is put back afterwards.

    Args:
        network: on the device of the source's batches.
        source: the images, all of them are used.
        preprocessing: how they are normalised.
        channels_last: layout of the network's input.

    Raises:
        DataError: a damaged image.
    """
    was_training = network.training
    network.eval()
    loss, right = 0.0, 0
    with torch.inference_mode(), exact_convolutions():
        for images, labels in source.evaluation(_BATCH):
            logits = network(network_input(images, preprocessing, channels_last=channels_last))
            loss += F.cross_entropy(logits, labels, reduction="sum").item()
            right += int((logits.argmax(1) == labels).sum())
    network.train(was_training)
    return Score(loss / len(source), right / len(source))
