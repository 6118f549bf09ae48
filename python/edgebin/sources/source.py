"""What `edgebin export` writes a file of: a network and what is known about its images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from edgebin.graph.preprocessing import Preprocessing
from edgebin.nn.networks import Option


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


def ends(options: Mapping[str, Option]) -> tuple[str, str]:
    """Return the kinds of the first and the last layer of a network with these options."""
    return str(options["first"]), str(options["last"])
