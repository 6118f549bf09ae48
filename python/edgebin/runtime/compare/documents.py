"""Reads the JSON documents of `edgebin bench` and `edgebin-run bench`, of every release so far.

Release 0.1 wrote one result without a schema, with `stages` for the steps of the profile.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgebin.errors import OptionError, first_line
from edgebin.files.safe_open import read_bounded

_SCHEMA, _VERSION = "edgebin.bench", 1
_MOST_BYTES = 1 << 28


@dataclass(frozen=True, slots=True)
class Recorded:
    """A result as a document has it.

    Args:
        model: as it was named.
        isa: instruction set.
        threads: of one run.
        batch: images in a call.
        streams: callers at the same time.
        valid: the verdict; of release 0.1, whether the machine was not throttled.
        reasons: why it is INVALID.
        rounds: the times of each round's calls, in milliseconds.
        steps: of each round that was profiled, milliseconds by the name of a step's first layer.
        sha256: of the model's file; None where the document does not have it.
        cpu: of the machine.
        date: of the measurement.
    """

    model: str
    isa: str
    threads: int
    batch: int
    streams: int
    valid: bool
    reasons: tuple[str, ...]
    rounds: tuple[tuple[float, ...], ...]
    steps: tuple[Mapping[str, float], ...]
    sha256: str | None
    cpu: str | None
    date: str


class _Wrong(Exception):
    """A document is no such document; the message is what was expected."""


def read_document(path: Path) -> tuple[Recorded, ...]:
    """Return the results of a document, at least one.

    Raises:
        OptionError: it cannot be read, is no document of `edgebin bench`, or of a later version.
    """
    try:
        content = json.loads(read_bounded(path, _MOST_BYTES))
    except OSError as error:
        raise OptionError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise OptionError(
            f"{path}: expected a JSON document of edgebin bench, found {first_line(error)}"
        ) from error
    try:
        return _results(content)
    except _Wrong as error:
        raise OptionError(f"{path}: {error}") from error


def _results(content: object) -> tuple[Recorded, ...]:
    if not isinstance(content, Mapping):
        raise _Wrong("expected a JSON document of edgebin bench, found no object")
    schema = content.get("schema")
    if schema is None and "run_ms" in content:
        return (_first_release(content),)
    if schema != _SCHEMA:
        raise _Wrong("expected a JSON document of edgebin bench, found another")
    if content.get("version") != _VERSION:
        raise _Wrong(f"expected version {_VERSION} of the schema, found {content.get('version')!r}")
    results = _get(content, "results", list)
    if not results:
        raise _Wrong("results: expected at least one, found none")
    return tuple(_current(result, str(content.get("date", ""))) for result in results)


def _current(result: Any, date: str) -> Recorded:
    if not isinstance(result, Mapping):
        raise _Wrong("results: expected objects")
    verdict, rounds = _get(result, "verdict", dict), _get(result, "rounds", list)
    if not rounds or not all(isinstance(one, Mapping) for one in rounds):
        raise _Wrong("rounds: expected objects, at least one")
    profiles = (_steps(one.get("steps", [])) for one in rounds)
    machine = rounds[0].get("before")
    digest = result.get("sha256")
    return Recorded(
        model=_get(result, "model", str),
        isa=_get(result, "isa", str),
        threads=_get(result, "threads", int),
        batch=_get(result, "batch", int),
        streams=_get(result, "streams", int),
        valid=_get(verdict, "valid", bool),
        reasons=tuple(_get(one, "text", str) for one in _get(verdict, "reasons", list)),
        rounds=tuple(_times(one) for one in rounds),
        steps=tuple(steps for steps in profiles if steps),
        sha256=digest if isinstance(digest, str) else None,
        cpu=_cpu(machine),
        date=date,
    )


def _first_release(content: Mapping[str, Any]) -> Recorded:
    steps = _steps(content.get("stages", []))
    valid = _get(content, "valid", bool)
    return Recorded(
        model=_get(content, "model", str),
        isa=_get(content, "isa", str),
        threads=_get(content, "threads", int),
        batch=_get(content, "batch", int),
        streams=1,
        valid=valid,
        reasons=() if valid else ("heat or weak supply slowed the machine down",),
        rounds=(_times(content),),
        steps=(steps,) if steps else (),
        sha256=None,
        cpu=_cpu(content.get("before")),
        date=str(content.get("date", "")),
    )


def _times(holder: Mapping[str, Any]) -> tuple[float, ...]:
    times = _get(holder, "run_ms", list)
    if not times or not all(map(_is_time, times)):
        raise _Wrong("run_ms: expected positive numbers, at least one")
    return tuple(map(float, times))


def _steps(entries: Any) -> Mapping[str, float]:
    if not isinstance(entries, list):
        raise _Wrong("steps: expected a list")
    found: dict[str, float] = {}
    for entry in entries:
        layers = entry.get("layers") if isinstance(entry, Mapping) else None
        if not (isinstance(layers, list) and layers and _is_time(entry.get("ms"))):
            raise _Wrong("steps: expected layers and ms")
        found[str(layers[0])] = float(entry["ms"])
    return found


def _is_time(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value > 0  # type: ignore[arg-type, operator]


def _cpu(machine: object) -> str | None:
    cpu = machine.get("cpu") if isinstance(machine, Mapping) else None
    return cpu if isinstance(cpu, str) else None


def _get(holder: Any, key: str, kind: Callable[..., Any]) -> Any:
    value = holder.get(key) if isinstance(holder, Mapping) else None
    if type(value) is not kind:
        found = "nothing" if value is None else type(value).__name__
        raise _Wrong(f"{key}: expected {kind.__name__}, found {found}")
    return value
