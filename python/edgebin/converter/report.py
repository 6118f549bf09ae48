"""The result of a conversion: the network, and a row for each layer."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True, slots=True)
class ConvertedLayer:
    """What became of a layer.

    Attributes:
        name: of the module in the network that was given.
        was: its class there.
        became: its class in the new network; the same where it was kept.
        why: it was kept, or what was done around it.
    """

    name: str
    was: str
    became: str
    why: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """The result of `edgebin.convert`; printed, it is a table.

    Attributes:
        network: the new network, in evaluation mode.
        layers: a row for each convolution, linear layer and matrix product and for each ReLU that
            became HWGQ, in the order in which they run.
    """

    network: nn.Module
    layers: tuple[ConvertedLayer, ...]

    def __repr__(self) -> str:
        """Return a count of each kind; the network's own repr takes a line for each module."""
        changed = sum(row.was != row.became for row in self.layers)
        return f"<Conversion: {changed} of {len(self.layers)} layers became others>"

    def __str__(self) -> str:
        """Return the rows as a table."""
        rows = [(row.name, row.was, row.became, row.why) for row in self.layers]
        rows = [("layer", "was", "became", "why"), *rows]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = (
            "  ".join(
                [*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[3]]
            )
            for row in rows
        )
        return "\n".join(line.rstrip() for line in lines)
