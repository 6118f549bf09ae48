"""The curves of a training, epoch by epoch, from its log. Needs no PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgebin.errors import CheckpointError
from edgebin.train.log.entries import Entry, first, number, optional, position


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch of a run.

    loss and accuracy are of the augmented training images, the held-out ones of the images
    kept out of training, None where there are none; seconds have passed in this epoch and before.
    """

    epoch: int
    lr: float
    loss: float
    accuracy: float
    holdout_loss: float | None
    holdout_accuracy: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class TrainingCurves:
    """The epochs of a run, ascending, and its accuracy on the test set if it has ended."""

    name: str
    epochs: tuple[Epoch, ...]
    test_accuracy: float | None


def training_curves(entries: Sequence[Entry], path: Path) -> TrainingCurves:
    """Return the curves of a training from the entries of its log.

    Epochs that were trained again after a crash count once.

    Raises:
        CheckpointError: an entry is not one of a training, or no epoch has ended.
    """
    epochs = _epochs(entries, path)
    if not epochs:
        raise CheckpointError(f"{path}: expected the log of a run, found no epoch that has ended")
    return TrainingCurves(
        name=_name(first(entries, "header"), path),
        epochs=epochs,
        test_accuracy=optional(first(entries, "end"), "test_accuracy", f"{path}: end"),
    )


def _epochs(entries: Sequence[Entry], path: Path) -> tuple[Epoch, ...]:
    epochs: dict[int, Epoch] = {}
    seconds = 0.0
    for entry in entries:
        if entry["event"] != "epoch":
            continue
        epoch = position(entry, "epoch", path)
        where = f"{path}: epoch {epoch}"
        seconds += number(entry, "seconds", where)
        epochs[epoch] = Epoch(
            epoch=epoch,
            lr=number(entry, "lr", where),
            loss=number(entry, "loss", where),
            accuracy=number(entry, "accuracy", where),
            holdout_loss=optional(entry, "holdout_loss", where),
            holdout_accuracy=optional(entry, "holdout_accuracy", where),
            seconds=seconds,
        )
    return tuple(epochs[epoch] for epoch in sorted(epochs))


def _name(header: Entry, path: Path) -> str:
    """The recipe, the seed and the folder, which tell runs in one figure apart."""
    source, seed = header.get("recipe_source"), header.get("seed")
    return f"{source}, seed {seed} ({path.parent.name or '.'})" if source else str(path)
