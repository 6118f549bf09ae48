"""What an update's log says of its course, layer by layer. Needs no PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgebin.errors import CheckpointError
from edgebin.train.log.entries import Entry, first, number, optional, position


@dataclass(frozen=True, slots=True)
class Trial:
    """New values of one layer: its signs, or the last layer fitted anew.

    loss is that of the images to judge by, in nats; gain the growth of the target's explained
    variance, None for a last layer fitted anew; seconds have passed in this trial and before.
    """

    layer: str
    loss: float
    gain: float | None
    kept: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class UpdateCourse:
    """The course of an update: its trials in their order.

    before is the loss of the network that it began with, None where the update has not ended, and
    test_accuracy None there and where there is no test set.
    """

    name: str
    trials: tuple[Trial, ...]
    before: float | None
    test_accuracy: float | None

    @property
    def losses(self) -> tuple[float | None, ...]:
        """Of the network: before, and after each trial; None where no log tells it yet."""
        found = [self.before]
        for trial in self.trials:
            found.append(trial.loss if trial.kept else found[-1])
        return tuple(found)


def is_update(entries: Sequence[Entry]) -> bool:
    """Whether a log is one of `edgebin refine`."""
    return "refines" in first(entries, "header")


def update_course(entries: Sequence[Entry], path: Path) -> UpdateCourse:
    """The course of an update from the entries of its log.

    A layer that was tried again after a crash counts once.

    Raises:
        CheckpointError: an entry is none of an update, or no layer is done.
    """
    trials = _trials(entries, path)
    if not trials:
        raise CheckpointError(f"{path}: expected the log of an update, found no layer that is done")
    end = first(entries, "end")
    return UpdateCourse(
        name=_name(first(entries, "header"), path),
        trials=trials,
        before=optional(_part(end, "before", path), "loss", f"{path}: end: before"),
        test_accuracy=optional(_part(end, "test", path), "accuracy", f"{path}: end: test"),
    )


def _trials(entries: Sequence[Entry], path: Path) -> tuple[Trial, ...]:
    layers = {
        position(entry, "number", path): entry for entry in entries if entry["event"] == "layer"
    }
    found = [layers[key] for key in sorted(layers)]
    if head := first(entries, "head"):
        found.append(head)
    trials: list[Trial] = []
    passed = 0.0
    for entry in found:
        name, kept = entry.get("layer"), entry.get("kept")
        where = f"{path}: {entry['event']} {entry.get('number', '')}".rstrip()
        if not isinstance(name, str):
            raise CheckpointError(f"{where}: layer: expected a name, found {name!r}")
        if not isinstance(kept, bool):
            raise CheckpointError(f"{where}: kept: expected true or false, found {kept!r}")
        passed += number(entry, "seconds", where)
        gain = None if entry is head else number(entry, "gain", where)
        trials.append(Trial(name, number(entry, "loss", where), gain, kept, passed))
    return tuple(trials)


def _part(end: Entry, key: str, path: Path) -> Entry:
    value = end.get(key, {})
    if not isinstance(value, dict):
        raise CheckpointError(f"{path}: end: {key}: expected an object, found {value!r}")
    return value


def _name(header: Entry, path: Path) -> str:
    """Of the method and the folder: enough to tell updates apart in one image."""
    options = header.get("options")
    if not isinstance(options, dict):
        return str(path)
    return f"{options.get('method')}, target {options.get('target')} ({path.parent.name or '.'})"
