"""What export returns: the network of the file, which tells what matters about it when printed."""

from __future__ import annotations

from dataclasses import dataclass

from edgebin.graph.ir import Network
from edgebin.graph.summary import summary


@dataclass(frozen=True, slots=True, repr=False)
class Exported(Network):
    """All that an exported file holds."""

    def __str__(self) -> str:
        """Return a few lines: layers by kind, the image that it takes, what stayed float."""
        return "\n".join(summary(self))
