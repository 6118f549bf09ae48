"""The curves of a refinement, layer by layer, from its log. Needs no PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgebin.errors import CheckpointError
from edgebin.train.log.entries import Entry, first, number, optional, position


@dataclass(frozen=True, slots=True)
class LayerCandidate:
    """A candidate for one layer: other signs, or a last layer that was refitted.

    Attributes:
        layer: its name.
        loss: of the judging images, in nats.
        gain: growth of the target's explained variance; None for a refitted last layer.
        kept: whether the network has it.
        seconds: that passed with this candidate and those before.
    """

    layer: str
    loss: float
    gain: float | None
    kept: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class RefinementCurves:
    """The candidates of a refinement, in their order.

    Attributes:
        name: what a figure calls the run.
        candidates: one for each layer that is done.
        before: loss of the network that it began with, None if it has not ended.
        test_accuracy: at the end, 0..1; None if it has not ended or there is no test set.
    """

    name: str
    candidates: tuple[LayerCandidate, ...]
    before: float | None
    test_accuracy: float | None

    @property
    def losses(self) -> tuple[float | None, ...]:
        """Losses of the network, before and after each candidate; None if not in the log yet."""
        losses = [self.before]
        for candidate in self.candidates:
            losses.append(candidate.loss if candidate.kept else losses[-1])
        return tuple(losses)


def is_refinement(entries: Sequence[Entry]) -> bool:
    """Return whether a log is one of `edgebin refine`."""
    return "refines" in first(entries, "header")


def refinement_curves(entries: Sequence[Entry], path: Path) -> RefinementCurves:
    """Return the curves of a refinement from the entries of its log.

    A layer that was done again after a crash counts once.

    Raises:
        CheckpointError: an entry is not one of a refinement, or no layer is done.
    """
    candidates = _candidates(entries, path)
    if not candidates:
        raise CheckpointError(f"{path}: expected the log of a refinement, found no layer done")
    end = first(entries, "end")
    return RefinementCurves(
        name=_name(first(entries, "header"), path),
        candidates=candidates,
        before=optional(_part(end, "before", path), "loss", f"{path}: end: before"),
        test_accuracy=optional(_part(end, "test", path), "accuracy", f"{path}: end: test"),
    )


def _candidates(entries: Sequence[Entry], path: Path) -> tuple[LayerCandidate, ...]:
    layers = {
        position(entry, "number", path): entry for entry in entries if entry["event"] == "layer"
    }
    chosen = [layers[key] for key in sorted(layers)]
    if head := first(entries, "head"):
        chosen.append(head)
    candidates: list[LayerCandidate] = []
    seconds = 0.0
    for entry in chosen:
        name, kept = entry.get("layer"), entry.get("kept")
        where = f"{path}: {entry['event']} {entry.get('number', '')}".rstrip()
        if not isinstance(name, str):
            raise CheckpointError(f"{where}: layer: expected a name, found {name!r}")
        if not isinstance(kept, bool):
            raise CheckpointError(f"{where}: kept: expected true or false, found {kept!r}")
        seconds += number(entry, "seconds", where)
        gain = None if entry is head else number(entry, "gain", where)
        candidates.append(LayerCandidate(name, number(entry, "loss", where), gain, kept, seconds))
    return tuple(candidates)


def _part(end: Entry, key: str, path: Path) -> Entry:
    value = end.get(key, {})
    if not isinstance(value, dict):
        raise CheckpointError(f"{path}: end: {key}: expected an object, found {value!r}")
    return value


def _name(header: Entry, path: Path) -> str:
    """The method and the folder, which tell refinements in one figure apart."""
    options = header.get("options")
    if not isinstance(options, dict):
        return str(path)
    return f"{options.get('method')}, target {options.get('target')} ({path.parent.name or '.'})"
