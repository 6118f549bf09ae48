"""Measures a model and files for other runtimes in turn, each in a fresh process.

Every process is restricted to as many cores as its runtime has threads. A round measures all once,
in random order, so that a slow minute of the machine affects all alike.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from edgebin.errors import EdgebinError, OptionError
from edgebin.machine import look
from edgebin.runtime.compare.bootstrap import Ratio, Samples, ratio
from edgebin.runtime.compare.peers import PEERS, peers_of
from edgebin.runtime.isolated_process import answer_of
from edgebin.runtime.measure import (
    Case,
    Measurement,
    Plan,
    Reason,
    judge,
    measure_once,
    random_order,
    summarise,
)
from edgebin.runtime.measure.measurement import activity_from
from edgebin.runtime.zoo import resolve, shipped

_CHILD = "edgebin.runtime.compare.peers.child"
_OWN = "edgebin"


@dataclass(frozen=True, slots=True)
class Contestant:
    """A file and the runtime that runs it.

    Args:
        name: of the file, as the user named it.
        path: of the file.
        runtime: a key of `PEERS`, or "edgebin".
    """

    name: str
    path: Path
    runtime: str

    @property
    def title(self) -> str:
        """The runtime's name."""
        return _OWN if self.runtime == _OWN else PEERS[self.runtime].title


@dataclass(slots=True)
class Standing:
    """What was measured of a contestant, round by round.

    Args:
        contestant: of the comparison.
        medians: milliseconds of a call.
        p90: 90th percentiles.
        reasons: why measurements were INVALID, by code.
        inputs: in words; "" for edgebin, whose input is the image's bytes.
        failure: why it could not be measured; "" if it could.
    """

    contestant: Contestant
    medians: list[float] = field(default_factory=list)
    p90: list[float] = field(default_factory=list)
    reasons: dict[str, Reason] = field(default_factory=dict)
    inputs: str = ""
    failure: str = ""

    @property
    def samples(self) -> Samples:
        """The medians of its rounds."""
        return Samples("rounds", tuple(self.medians))

    def over(self, first: Standing) -> Ratio:
        """Return its time over that of the first contestant."""
        return ratio(first.samples, self.samples)


def contestants(model: str, others: Sequence[str]) -> tuple[list[Contestant], list[str]]:
    """Return what is compared, the model first, and a line on each runtime that is not installed.

    Args:
        model: an .ebn file or the name of a shipped model.
        others: such models too, or files of ONNX, TensorFlow Lite or OpenVINO.

    Raises:
        ModelFileError: a name is that of no model.
        OptionError: a file is of another kind, is not there, or no runtime for it is installed.
    """
    found, missing = [Contestant(model, resolve(model), _OWN)], []
    for other in others:
        path = Path(other)
        keys = peers_of(path.suffix)
        if other in shipped() or not keys:
            if other not in shipped() and path.suffix != ".ebn":
                expected = ".ebn, .onnx, .tflite or .xml, or a shipped model's name"
                raise OptionError(f'compare "{other}": expected a file that ends in {expected}')
            found.append(Contestant(other, resolve(other), _OWN))
            continue
        if not path.is_file():
            raise OptionError(f'compare "{other}": no such file')
        installed = [key for key in keys if _is_installed(key)]
        if not installed:
            names = " or ".join(PEERS[key].title for key in keys)
            commands = " or ".join(f"pip install {PEERS[key].package}" for key in keys)
            raise OptionError(
                f'compare "{other}": expected {names}, found none; install one: {commands}'
            )
        missing += [
            f"{PEERS[key].title} is not installed, and could run {other}: pip install "
            f"{PEERS[key].package}"
            for key in keys
            if key not in installed
        ]
        found += [Contestant(other, path, key) for key in installed]
    return found, missing


def measure_interleaved(
    entered: Sequence[Contestant],
    plan: Plan,
    rounds: int,
    announce: Callable[[int], None] = lambda _number: None,
) -> list[Standing]:
    """Measure every contestant once in every round.

    A peer that fails has the reason in its `failure`; the others go on.

    Args:
        entered: the first is the model that the others are compared with.
        plan: for all; its `isa` is of edgebin alone.
        rounds: how often.
        announce: is called with each round's number, from 1, before it begins.

    Raises:
        EdgebinError: a model of edgebin cannot be measured.
    """
    standings = [Standing(one) for one in entered]
    for number in range(1, rounds + 1):
        announce(number)
        for index in random_order(len(entered), number):
            standing = standings[index]
            if standing.failure:
                continue
            if standing.contestant.runtime == _OWN:
                _measure_own(standing, plan)
            else:
                try:
                    _measure_peer(standing, plan)
                except EdgebinError as error:
                    standing.failure = str(error)
    return standings


def _measure_own(standing: Standing, plan: Plan) -> None:
    contestant = standing.contestant
    found = measure_once(Case(contestant.name, contestant.path, plan))
    _record(standing, found.measurement.run_ms, found.reasons)


def _measure_peer(standing: Standing, plan: Plan) -> None:
    contestant = standing.contestant
    request = {
        "peer": contestant.runtime,
        "path": os.path.abspath(contestant.path),
        "plan": asdict(plan),
    }
    before = look()
    answer = answer_of(_CHILD, request)
    standing.inputs = str(answer.pop("inputs"))
    measurement = _measurement(answer)
    _record(standing, measurement.run_ms, judge(plan, measurement, before, look()))


def _measurement(answer: dict[str, Any]) -> Measurement:
    """Return a peer's times as a measurement; nothing is known of its memory."""
    return Measurement(
        **{**answer, "activity": activity_from(answer["activity"])},
        isa="",
        arena_bytes=0,
        file_bytes=0,
        import_memory_bytes=None,
        peak_memory_bytes=None,
    )


def _record(standing: Standing, run_ms: list[float], reasons: Sequence[Reason]) -> None:
    summary = summarise(run_ms)
    standing.medians.append(summary["median"])
    standing.p90.append(summary["p90"])
    for reason in reasons:
        standing.reasons.setdefault(reason.code, reason)


def _is_installed(key: str) -> bool:
    try:
        return importlib.util.find_spec(PEERS[key].module) is not None
    except ModuleNotFoundError:
        return False
