"""Networks with random weights, for benchmarks and tests."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from edgebin.errors import OptionError, first_line
from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn.networks import build, check_options
from edgebin.sources.source import Source, ends

_BENCHMARK_MEAN = (0.5, 0.5, 0.5)
_BENCHMARK_SCALE = (0.25, 0.25, 0.25)
_CALIBRATION_PIXELS = 2 * 224 * 224


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
    return Source(name, model.eval(), example, labels, preprocessing, *ends(full))


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
