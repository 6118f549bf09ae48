"""The JSON document of `edgebin bench`; docs/bench.md describes every key.

`edgebin-run bench` writes the same (csrc/cli/measure/document.cc).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from edgebin import _core
from edgebin.cli.reports.bench.profile_note import profile_note, profile_sum
from edgebin.runtime.measure import Result, Round, summarise
from edgebin.runtime.profile import ProfiledStep

SCHEMA, VERSION = "edgebin.bench", 1
_MOST_TIMES = 10_000  # of a round whose number of calls was not given
_OLD_KEYS = (  # of the one result of a document of 0.1, in its order
    *("model", "threads", "batch", "pin", "isa", "load_ms", "first_ms", "latency_ms"),
    *("arena_bytes", "file_bytes", "import_memory_bytes", "peak_memory_bytes", "steps"),
)


@dataclass(frozen=True, slots=True)
class Build:
    """The edgebin that measured.

    Args:
        version: of edgebin.
        sha256: of the compiled core.
    """

    version: str
    sha256: str | None


def build() -> Build:
    """Return the edgebin that runs here."""
    return Build(version("edgebin"), sha256_of(Path(_core.__file__)))


def now() -> str:
    """Return the time as a document has it."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


@cache
def sha256_of(path: Path) -> str | None:
    """Return the SHA-256 of a file in hexadecimal digits; None where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError:
        return None
    return digest.hexdigest()


def document(results: Sequence[Result], date: str) -> dict[str, Any]:
    """Return everything that was measured, as JSON holds it.

    Keys of release 0.1 stand beside `results` and are those of the first one.

    Args:
        results: at least one.
        date: see `now`.
    """
    entries = [_result(result) for result in results]
    first, rounds = entries[0], results[0].rounds
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "edgebin": version("edgebin"),
        "build": asdict(build()),
        "date": date,
        "results": entries,
        **{key: first[key] for key in _OLD_KEYS},
        "warmup": rounds[0].measurement.warmup,
        "before": asdict(rounds[0].before),
        "after": asdict(rounds[-1].after),
        "valid": results[0].valid,
        "run_ms": [ms for entry in first["rounds"] for ms in entry["run_ms"]],
    }


def _result(result: Result) -> dict[str, Any]:
    plan, first = result.case.plan, result.first
    return {
        "model": result.case.model,
        "name": first.name,
        "sha256": sha256_of(result.case.path),
        "file_bytes": first.file_bytes,
        "mode": plan.mode,
        "isa": first.isa,
        "threads": plan.threads,
        "batch": plan.batch,
        "streams": plan.streams,
        "pin": plan.pin,
        "verdict": {
            "valid": result.valid,
            "reasons": [asdict(reason) for reason in result.reasons],
        },
        "latency_ms": result.latency,
        "calls": len(result.run_ms),
        "images_per_second": result.images_per_second,
        "load_ms": result.median_of(lambda one: one.load_ms),
        "first_ms": result.median_of(lambda one: one.first_ms),
        "arena_bytes": first.arena_bytes,
        "import_memory_bytes": first.import_memory_bytes,
        "peak_memory_bytes": _largest([r.measurement.peak_memory_bytes for r in result.rounds]),
        "steps": [_step(step) for step in result.steps],
        "profile": _profile(result),
        "rounds": [_round(one, result) for one in result.rounds],
    }


def _round(one: Round, result: Result) -> dict[str, Any]:
    plan, measurement = result.case.plan, one.measurement
    images = plan.batch * len(measurement.run_ms)
    step = 1 if plan.runs is not None else -(-len(measurement.run_ms) // _MOST_TIMES)
    return {
        "reasons": [asdict(reason) for reason in one.reasons],
        "warmup": measurement.warmup,
        "stable": measurement.stable,
        "latency_ms": summarise(measurement.run_ms),
        "calls": len(measurement.run_ms),
        "run_ms_step": step,
        "run_ms": measurement.run_ms[::step],
        "load_ms": measurement.load_ms,
        "first_ms": measurement.first_ms,
        "peak_memory_bytes": measurement.peak_memory_bytes,
        "memory": [asdict(sample) for sample in measurement.memory],
        "activity": None if measurement.activity is None else asdict(measurement.activity),
        "energy": [
            {**asdict(use), "joules_per_image": use.joules / images} for use in measurement.energy
        ],
        "steps": [_step(step) for step in measurement.steps],
        "before": asdict(one.before),
        "after": asdict(one.after),
    }


def _step(step: ProfiledStep) -> dict[str, Any]:
    return {**asdict(step), "gmacs_per_second": step.gmacs_per_second}


def _profile(result: Result) -> dict[str, object] | None:
    total = profile_sum(result)
    if total is None:
        return None
    median = result.latency["median"] / result.case.plan.batch
    return {"sum_ms": total, "image_ms": median, "note": profile_note(result)}


def _largest(values: Sequence[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)
