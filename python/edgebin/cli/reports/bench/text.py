"""One result of `edgebin bench` in words, line by line."""

from __future__ import annotations

from edgebin.cli.reports.bench.document import sha256_of
from edgebin.cli.terminal.console import counted, plain, size
from edgebin.machine import Machine
from edgebin.runtime.measure import Activity, Measurement, Result
from edgebin.runtime.options import isas

_UNKNOWN = "unknown"
_SHOWN_DIGITS = 16  # of a hash
_STEADY = 0.01  # share of resident memory by which it may grow: the times of calls take some


def heading(result: Result) -> str:
    """Return the first line: what was measured, and how."""
    plan = result.case.plan
    threads = counted(plan.threads, "thread") + (", pinned" if plan.pin else "")
    streams = f", {plan.streams} streams" if plan.streams > 1 else ""
    return f"{plain(result.case.model)}: {result.first.isa}, {threads}, batch {plan.batch}{streams}"


def facts(result: Result, edgebin: str, date: str) -> list[tuple[str, str]]:
    """Return label and text of each further line.

    Args:
        result: what was measured.
        edgebin: its version.
        date: of the measurement.
    """
    seen, machine = result.first, result.rounds[-1].after
    return [
        *_times(result),
        ("load ms", f"{seen.load_ms:.3f}, first run {seen.first_ms:.3f}"),
        ("memory", _memory(result)),
        *([("cpu", _cpu(seen.activity))] if seen.activity else []),
        *_limits(machine),
        *_energy(result),
        ("file", f"{size(seen.file_bytes)}, sha256 {_hash(sha256_of(result.case.path))}"),
        (
            "machine",
            f"{plain(machine.cpu or _UNKNOWN)}, {machine.architecture}, "
            f"{counted(machine.cores, 'core')}, {_state(machine, seen.activity)}",
        ),
        ("isas", ", ".join(isas())),
        ("edgebin", f"{edgebin}, {date}"),
    ]


def verdict(result: Result) -> list[tuple[str, str]]:
    """Return the verdict: one line, or INVALID with each reason on a line."""
    if result.valid:
        return [("VALID", "nothing disturbed the measurement beyond the limits of docs/bench.md")]
    labels = ["INVALID"] + [""] * (len(result.reasons) - 1)
    return [
        (label, plain(reason.text)) for label, reason in zip(labels, result.reasons, strict=True)
    ]


def _times(result: Result) -> list[tuple[str, str]]:
    latency = result.latency
    shown = ", ".join(f"{n} {latency[n]:.3f}" for n in ("min", "mean", "median", "p90", "p99"))
    calls = counted(len(result.run_ms), "run")
    seconds = sum(
        r.measurement.activity.wall_seconds for r in result.rounds if r.measurement.activity
    )
    share = latency["iqr"] / latency["median"] if latency["median"] else 0.0
    warmed = counted(result.first.warmup, "call")
    lines = [
        ("run ms", f"{shown} ({calls} in {seconds:.2f} s)"),
        (
            "spread",
            f"half of all within {latency['iqr']:.3f} ms ({share:.1%} of the median), "
            f"longest {latency['max']:.3f} ms; warmed up by {warmed}",
        ),
        ("images/s", f"{result.images_per_second:,.1f}"),
    ]
    if result.case.plan.batch > 1:
        each = latency["median"] / result.case.plan.batch
        lines.append(("image ms", f"{each:.4f}, the median over the batch"))
    if len(result.rounds) > 1:
        medians = sorted(_median(one.measurement) for one in result.rounds)
        spread = medians[-1] / medians[0] - 1
        text = f"{len(medians)} processes, medians {medians[0]:.3f} to {medians[-1]:.3f} ms"
        lines.append(("rounds", f"{text} ({spread:.1%} apart)"))
    return lines


def _median(measurement: Measurement) -> float:
    times = sorted(measurement.run_ms)
    return (times[(len(times) - 1) // 2] + times[len(times) // 2]) / 2


def _memory(result: Result) -> str:
    seen = result.first
    text = (
        f"peak {_size(seen.peak_memory_bytes)}, import alone {_size(seen.import_memory_bytes)}, "
        f"arena {size(seen.arena_bytes)}"
    )
    if len(seen.memory) > 1:
        grown = seen.memory[-1].bytes - seen.memory[0].bytes
        is_steady = grown <= _STEADY * seen.memory[0].bytes
        change = "steady" if is_steady else f"grew by {size(grown)}"
        text += f"; {change} over {seen.memory[-1].seconds:.1f} s"
    return text


def _cpu(activity: Activity) -> str:
    wall = activity.wall_seconds or 1.0
    parts = [
        f"CPU time {activity.cpu_seconds / wall:.0%} of wall time",
        f"{activity.involuntary_switches / wall:.0f} involuntary switches/s",
    ]
    if activity.others_cores is not None and activity.machine_cores is not None:
        cores = counted(activity.machine_cores, "core")
        parts.append(f"others used {activity.others_cores:.1f} of {cores}")
    if activity.cores_seen:
        seen = ", ".join(map(str, activity.cores_seen))
        parts.insert(0, f"seen on core{'s' if len(activity.cores_seen) > 1 else ''} {seen}")
    if activity.core_share is not None:
        parts.append(f"share of the core {activity.core_share:.0%}")
    if activity.steal_share is not None:
        parts.append(f"steal {activity.steal_share:.1%}")
    if activity.load_average is not None:
        parts.append(f"load {activity.load_average:.1f}")
    return ", ".join(parts)


def _limits(machine: Machine) -> list[tuple[str, str]]:
    parts = []
    if machine.cpu_quota is not None:
        parts.append(f"{machine.cpu_quota:.2g} cores on average")
    if machine.memory_limit_bytes is not None:
        parts.append(f"{size(machine.memory_limit_bytes)} of memory")
    return [("limits", f"control group: {', '.join(parts)}")] if parts else []


def _energy(result: Result) -> list[tuple[str, str]]:
    images = result.case.plan.batch * len(result.first.run_ms)
    texts = [
        f"{plain(use.source)} {use.watts:.2f} W, {_joules(use.joules / images)} an image"
        for use in result.first.energy
    ]
    if not texts:
        return []
    rest = [("", text) for text in texts[1:]]
    return [("energy", f"{texts[0]} (of all that it feeds, idle power too)"), *rest]


def _joules(joules: float) -> str:
    for factor, unit in ((1.0, "J"), (1e-3, "mJ")):
        if joules >= factor:
            return f"{joules / factor:.3g} {unit}"
    return f"{joules * 1e6:.3g} µJ"


def _hash(digest: str | None) -> str:
    return _UNKNOWN if digest is None else digest[:_SHOWN_DIGITS]


def _size(count: int | None) -> str:
    return _UNKNOWN if count is None else size(count)


def _state(machine: Machine, activity: Activity | None) -> str:
    parts = [f"governor {machine.governor or _UNKNOWN}"]
    mhz = (activity.clock_mhz if activity else None) or machine.clock_mhz
    if mhz is not None:
        parts.append(f"{mhz:.0f} MHz")
    if machine.temperature_c is not None:
        parts.append(f"{machine.temperature_c:.0f} °C")
    return ", ".join(parts)
