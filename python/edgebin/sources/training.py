"""The network of a checkpoint that a training of edgebin has written."""

from __future__ import annotations

from pathlib import Path

import torch

from edgebin.nn.networks import check_options
from edgebin.sources.foreign import refuse_foreign
from edgebin.sources.source import Source, ends
from edgebin.train.checkpoint.network import load_network


def from_checkpoint(path: Path) -> Source:
    """Return the network of a training run.

    Raises:
        CheckpointError: the file is missing, damaged or no checkpoint of edgebin; of another tool's
            file the line says what it is, and how to export it.
    """
    refuse_foreign(path)
    model, checkpoint = load_network(path)
    options = check_options(checkpoint.network, checkpoint.options)
    side = checkpoint.preprocessing.input_size
    return Source(
        checkpoint.network,
        model,
        torch.zeros(1, 3, side, side),
        checkpoint.classes,
        checkpoint.preprocessing,
        *ends(options),
    )
