"""The networks that benchmarks run: names of `edgebin.nn.networks`, with their usual sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Network:
    """A network at its usual size.

    Args:
        title: its name in a chart.
        side: of its input image, in pixels.
        classes: number of classes.
    """

    title: str
    side: int
    classes: int

    @property
    def small(self) -> bool:
        """Whether a call is so short that more of them have to be timed."""
        return self.side < 64


NETWORKS: Mapping[str, Network] = MappingProxyType(
    {
        "resnet18": Network("ResNet-18", 224, 1000),
        "vgg_small": Network("VGG-small", 32, 10),
        "alexnet": Network("AlexNet", 224, 1000),
        "resnet20": Network("ResNet-20", 32, 10),
    }
)
