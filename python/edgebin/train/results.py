"""What a run tells: after some steps, after each epoch, and at its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgebin.deprecated import renamed_attribute


@dataclass(frozen=True, slots=True)
class Score:
    """Mean cross-entropy (nats, without label smoothing) and share of right answers, 0..1."""

    loss: float
    accuracy: float

    def __str__(self) -> str:
        """Return both in words."""
        return f"loss {self.loss:.4f}, accuracy {self.accuracy:.2%}"


@dataclass(frozen=True, slots=True)
class StepResult:
    """The current epoch so far.

    Attributes:
        epoch: the current epoch, from 1.
        step: optimizer steps done in the whole run.
        steps: optimizer steps of the whole run.
        loss: mean over the augmented training images of this epoch so far.
        accuracy: share of right answers on them, 0..1.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class EpochResult:
    """An epoch that is done.

    Attributes:
        epoch: its number, from 1.
        step: optimizer steps done in the whole run.
        lr: learning rate of its last step.
        loss: mean over its augmented training images.
        accuracy: share of right answers on them, 0..1.
        holdout_loss: mean cross-entropy of the held-out images, None where there are none.
        holdout_accuracy: share of right answers on them, 0..1.
        seconds: of its training, without the score of the held-out images.
        images_per_second: training images a second.
    """

    epoch: int
    step: int
    lr: float
    loss: float
    accuracy: float
    holdout_loss: float | None
    holdout_accuracy: float | None
    seconds: float
    images_per_second: float

    pictures_per_second = renamed_attribute("pictures_per_second", "images_per_second")


@dataclass(frozen=True, slots=True)
class RunResult:
    """The end of a run.

    Attributes:
        checkpoint: the file that holds the network.
        test: its score on the test set, None where there is none.
    """

    checkpoint: Path
    test: Score | None
