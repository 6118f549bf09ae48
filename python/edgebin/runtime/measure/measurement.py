"""What one process measured, as plain data that travels between processes as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edgebin.machine.activity.energy import EnergyUse
from edgebin.runtime.measure.activity import Activity
from edgebin.runtime.profile import ProfiledStep


@dataclass(frozen=True, slots=True)
class MemorySample:
    """Resident memory at one moment.

    Args:
        seconds: since the first timed call.
        bytes: resident then.
    """

    seconds: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one process saw; times in milliseconds, sizes in bytes.

    Args:
        isa: instruction set whose kernels ran.
        load_ms: from path to ready model.
        first_ms: the first call of `run()`.
        run_ms: the timed calls, in order; of several streams, in the order of their ends.
        arena_bytes: working memory of one run.
        file_bytes: size of the model's file.
        import_memory_bytes: peak resident memory after `import edgebin` alone.
        peak_memory_bytes: the same at the end.
        steps: the profile, if it was asked for; taken after all else.
        name: of the network, from the file.
        warmup: untimed calls after the first.
        stable: whether times were stable when warming up ended; None where the number of calls was
            given.
        activity: what the machine did while calls were timed.
        memory: resident memory over that time, sampled between calls.
        energy: what the machine's counters and sensors of energy measured in that time.
    """

    isa: str
    load_ms: float
    first_ms: float
    run_ms: list[float]
    arena_bytes: int
    file_bytes: int
    import_memory_bytes: int | None
    peak_memory_bytes: int | None
    steps: tuple[ProfiledStep, ...] = ()
    name: str = ""
    warmup: int = 0
    stable: bool | None = None
    activity: Activity | None = None
    memory: tuple[MemorySample, ...] = ()
    energy: tuple[EnergyUse, ...] = ()


def measurement_from(fields: Mapping[str, Any]) -> Measurement:
    """Return a measurement from its JSON, in which tuples are lists and classes are objects."""
    return Measurement(
        **{
            **fields,
            "steps": tuple(map(step_from, fields["steps"])),
            "activity": None if fields["activity"] is None else activity_from(fields["activity"]),
            "memory": tuple(MemorySample(**sample) for sample in fields["memory"]),
            "energy": tuple(EnergyUse(**use) for use in fields["energy"]),
        }
    )


def activity_from(fields: Mapping[str, Any]) -> Activity:
    """Return what happened from its JSON."""
    return Activity(**{**fields, "cores_seen": tuple(fields["cores_seen"])})


def step_from(fields: Mapping[str, Any]) -> ProfiledStep:
    """Return a step from its JSON."""
    tuples = {key: tuple(fields[key]) for key in ("layers", "ops", "shape")}
    return ProfiledStep(**{**fields, **tuples})
