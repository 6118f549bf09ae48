"""Facts about operators that passes rely on: the family of each, and what follows from it.

Every operator of FORMAT.md and of the exporter's dialect has to state its family, so a pass that
asks for `moves_codes` cannot miss one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Family(Enum):
    """What an operator does with the elements that it reads."""

    PRODUCT = "sums of inputs times weights, and an epilogue"
    MAXIMUM = "the largest of several positions, in each channel"
    REARRANGEMENT = "the same elements in another shape"
    ELEMENTWISE = "each element from the same element of the inputs"
    OTHER = "anything else, such as means"


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about an operator.

    Attributes:
        family: what it does.
        channel_constants: roles of an elementwise operator's constants with an entry for each
            channel.
    """

    family: Family
    channel_constants: tuple[str, ...] = ()

    @property
    def moves_codes(self) -> bool:
        """Whether each element of the output is one of the inputs: of codes it makes codes."""
        return self.family in (Family.MAXIMUM, Family.REARRANGEMENT)

    @property
    def commutes_with_monotone_maps(self) -> bool:
        """Whether a non-decreasing map of each channel may be applied before it or after it."""
        return self.family is Family.MAXIMUM

    @property
    def is_product(self) -> bool:
        """Whether it multiplies by `weights` and ends in the epilogue that FORMAT.md describes."""
        return self.family is Family.PRODUCT

    @property
    def is_elementwise(self) -> bool:
        """Whether a permutation of channels passes through it, with its `channel_constants`."""
        return self.family is Family.ELEMENTWISE
