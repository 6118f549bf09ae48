"""The networks that `edgebin export` takes: a checkpoint of a training, or a name and a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError, first_line
from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn.networks import Option, build, check_options
from edgebin.train.checkpoint.network import load_network

_BENCHMARK_MEAN = (0.5, 0.5, 0.5)
_BENCHMARK_SCALE = (0.25, 0.25, 0.25)
_CALIBRATION_PIXELS = 2 * 224 * 224


@dataclass(frozen=True, slots=True)
class Source:
    """A module in evaluation mode and what is known about its images and classes.

    first and last say what kind of weights those layers have: "int8", "float32" or "binary".
    """

    name: str
    model: nn.Module
    example: Tensor
    labels: tuple[str, ...]
    preprocessing: Preprocessing
    first: str
    last: str


def from_checkpoint(path: Path) -> Source:
    """Return the network of a training run.

    Raises:
        CheckpointError: the file is missing, damaged or no checkpoint.
    """
    model, checkpoint = load_network(path)
    options = check_options(checkpoint.network, checkpoint.options)
    side = checkpoint.preprocessing.input_size
    return Source(
        checkpoint.network,
        model,
        torch.zeros(1, 3, side, side),
        checkpoint.classes,
        checkpoint.preprocessing,
        *_ends(options),
    )


def untrained(name: str, seed: int, **options: object) -> Source:
    """Return a network with random weights, for benchmarks and tests.

    One pass over random images sets its batch norms, so that every code occurs.

    Args:
        name: a name of `edgebin.nn.networks.NETWORKS`.
        seed: of weights and images.
        options: of the network, see `edgebin.nn.networks.check_options`.

    Raises:
        OptionError: an unknown name or option, or a network that does not fit the memory.
    """
    full = check_options(name, options)
    side = cast(int, full["input_size"])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            model = build(name, **full)
            images = torch.rand(max(2, _CALIBRATION_PIXELS // side**2), 3, side, side)
            calibrate(model, (images - _BENCHMARK_MEAN[0]) / _BENCHMARK_SCALE[0])
        except (RuntimeError, MemoryError) as error:  # torch was refused memory
            reason = first_line(error)
            raise OptionError(f"{name}: cannot be made with these options: {reason}") from None
    labels = tuple(f"class {index}" for index in range(cast(int, full["num_classes"])))
    preprocessing = Preprocessing(_BENCHMARK_MEAN, _BENCHMARK_SCALE)
    example = torch.zeros(1, 3, side, side)
    return Source(name, model.eval(), example, labels, preprocessing, *_ends(full))


def _ends(options: Mapping[str, Option]) -> tuple[str, str]:
    return str(options["first"]), str(options["last"])


def calibrate(model: nn.Module, images: Tensor) -> None:
    """Set the running statistics of every batch norm to those of one batch.

    Args:
        model: any module; left in training mode.
        images: what it takes, float (N, C, H, W), N at least 2.
    """
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad():
        model.train()(images)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
