"""From images to logits, and the score of a network on a part of a data set; no gradients here."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.graph.preprocessing import Preprocessing
from edgebin.train.backend.precision import exact_convolutions
from edgebin.train.data.source import Source, normalised, to_device
from edgebin.train.results import Score

_BATCH = 250


def network_input(images: Tensor, preprocessing: Preprocessing, *, channels_last: bool) -> Tensor:
    """Return normalised float32 images in the wanted layout.

    Args:
        images: uint8 (N, 3, S, S); or float32, which is taken as normalised.
        preprocessing: mean and scale.
        channels_last: memory layout of the result.

    Returns:
        float32 (N, 3, S, S).
    """
    layout = torch.channels_last if channels_last else torch.contiguous_format
    return normalised(images, preprocessing).contiguous(memory_format=layout)


def evaluate(
    network: nn.Module,
    source: Source,
    preprocessing: Preprocessing,
    *,
    channels_last: bool = False,
) -> Score:
    """Score a network in eval mode, and restore its mode afterwards.

    Args:
        network: on any device; images are moved there.
        source: the images, all of them are used.
        preprocessing: how they are normalised.
        channels_last: layout of the network's input.

    Raises:
        DataError: a damaged image.
    """
    was_training = network.training
    network.eval()
    device = next((parameter.device for parameter in network.parameters()), None)
    loss, right = 0.0, 0
    with torch.inference_mode(), exact_convolutions():
        for batch in source.evaluation(_BATCH):
            images, labels = batch if device is None else to_device(batch, device)
            logits = network(network_input(images, preprocessing, channels_last=channels_last))
            loss += F.cross_entropy(logits, labels, reduction="sum").item()
            right += int((logits.argmax(1) == labels).sum())
    network.train(was_training)
    return Score(loss / len(source), right / len(source))
