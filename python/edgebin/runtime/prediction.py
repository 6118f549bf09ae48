"""What a classification returns. The core ranks the classes, as it does for `edgebin-run`."""

from __future__ import annotations

from dataclasses import dataclass

from edgebin.errors import short


@dataclass(frozen=True, slots=True)
class Prediction:
    """One class of one image.

    Args:
        label: the class's name; its number where the model has no name for it.
        index: number of the class, from 0.
        score: probability, 0 to 1.
    """

    label: str
    index: int
    score: float

    def __repr__(self) -> str:
        """Return the fields, a long label cut: some data sets have a list of synonyms there."""
        return f"Prediction(label={short(self.label)}, index={self.index}, score={self.score!r})"
