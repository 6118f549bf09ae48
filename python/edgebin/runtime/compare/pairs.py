"""Results of two documents that belong together, with their ratios, as a whole and by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from edgebin.errors import OptionError
from edgebin.runtime.compare.bootstrap import MIN_ROUNDS, Ratio, Samples, ratio, samples
from edgebin.runtime.compare.documents import Recorded


@dataclass(frozen=True, slots=True)
class LayerPair:
    """A step of both profiles.

    Args:
        layer: name of its first layer.
        first_ms: mean over the rounds of the first document.
        second_ms: of the second.
        ratio: second over first; with an interval where both have enough rounds.
    """

    layer: str
    first_ms: float
    second_ms: float
    ratio: Ratio


@dataclass(frozen=True, slots=True)
class Pair:
    """Two results that belong together.

    Args:
        first: of the first document.
        second: of the second.
        first_samples: what stands for the first in the bootstrap.
        second_samples: for the second.
        ratio: second over first, of the time of a call.
        layers: steps of both, in the order of the first; empty unless both have a profile.
        differences: what differs beside the time, in words.
    """

    first: Recorded
    second: Recorded
    first_samples: Samples
    second_samples: Samples
    ratio: Ratio
    layers: tuple[LayerPair, ...]
    differences: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether both were measured on a machine that was quiet enough."""
        return self.first.valid and self.second.valid


def paired(first: Sequence[Recorded], second: Sequence[Recorded]) -> tuple[Pair, ...]:
    """Return the pairs of two documents.

    Results belong together if model (its name without folders), instruction set, threads, batch and
    streams are the same. Where each document has one result, these two do, whatever they are.

    Raises:
        OptionError: no results belong together.
    """
    if len(first) == len(second) == 1:
        return (_pair(first[0], second[0]),)
    others = {_key(one): one for one in second}
    pairs = tuple(_pair(one, others[_key(one)]) for one in first if _key(one) in others)
    if not pairs:
        raise OptionError(
            "compare: expected results of the same model, instruction set, threads, batch and "
            "streams in both documents, found none"
        )
    return pairs


def _key(result: Recorded) -> tuple[object, ...]:
    return (
        PurePath(result.model).name,
        result.isa,
        result.threads,
        result.batch,
        result.streams,
    )


def _pair(first: Recorded, second: Recorded) -> Pair:
    first_samples, second_samples = samples(first.rounds), samples(second.rounds)
    return Pair(
        first=first,
        second=second,
        first_samples=first_samples,
        second_samples=second_samples,
        ratio=ratio(first_samples, second_samples),
        layers=_layers(first, second),
        differences=_differences(first, second),
    )


def _layers(first: Recorded, second: Recorded) -> tuple[LayerPair, ...]:
    if not first.steps or not second.steps:
        return ()
    pairs = []
    for layer in first.steps[0]:
        if all(layer in steps for steps in (*first.steps, *second.steps)):
            one, other = (
                Samples("rounds", tuple(steps[layer] for steps in result.steps))
                for result in (first, second)
            )
            enough = min(len(one.ms), len(other.ms)) >= MIN_ROUNDS
            of = ratio(one, other) if enough else Ratio(other.mean / one.mean, None, None)
            pairs.append(LayerPair(layer, one.mean, other.mean, of))
    return tuple(pairs)


def _differences(first: Recorded, second: Recorded) -> tuple[str, ...]:
    """Return what differs: of the settings, the machine and the file, where both tell."""
    settings = (
        ("model", PurePath(first.model).name, PurePath(second.model).name),
        ("instruction set", first.isa, second.isa),
        ("threads", first.threads, second.threads),
        ("batch", first.batch, second.batch),
        ("streams", first.streams, second.streams),
        ("machine", first.cpu, second.cpu),
    )
    found = [
        f"{name}: {one} and {other}"
        for name, one, other in settings
        if one != other and None not in (one, other)
    ]
    if None not in (first.sha256, second.sha256) and first.sha256 != second.sha256:
        found.append("the model's file (its SHA-256)")
    return tuple(found)
