"""The report of `edgebin bench`: a measurement and all that is needed to repeat it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from edgebin.cli.terminal.console import counted, plain, size
from edgebin.machine import Machine
from edgebin.runtime.measure import Measurement
from edgebin.runtime.options import isas


@dataclass(frozen=True, slots=True)
class Report:
    """A measurement with its settings, the machine before and after it, and its date."""

    model: str
    threads: int
    batch: int
    warmup: int
    measurement: Measurement
    before: Machine
    after: Machine
    date: str
    edgebin: str
    pin: bool = False

    @property
    def valid(self) -> bool:
        """Whether the machine reported no slowdown by heat or weak supply."""
        return not (self.before.throttled or self.after.throttled)


def summarise(times: list[float]) -> dict[str, float]:
    """Return minimum, mean, median, 90th and 99th percentile, each in the unit of the times."""
    median, p90, p99 = np.percentile(times, (50, 90, 99)).tolist()
    mean = sum(times) / len(times)
    return {"min": min(times), "mean": mean, "median": median, "p90": p90, "p99": p99}


def document(report: Report) -> dict[str, object]:
    """Return the report as JSON holds it, with the time of every call."""
    facts = asdict(report)
    seen = facts.pop("measurement")
    for fields, step in zip(seen["steps"], report.measurement.steps, strict=True):
        fields["gmacs_per_second"] = step.gmacs_per_second
    return {
        **facts,
        "valid": report.valid,
        "latency_ms": summarise(report.measurement.run_ms),
        **seen,
    }


def heading(report: Report) -> str:
    """Return the first line: what was measured, and how."""
    threads = counted(report.threads, "thread") + (", pinned" if report.pin else "")
    return f"{plain(report.model)}: {report.measurement.isa}, {threads}, batch {report.batch}"


def facts(report: Report) -> list[tuple[str, str]]:
    """Return label and text of each further line."""
    seen, machine = report.measurement, report.after
    latencies = ", ".join(f"{name} {ms:.3f}" for name, ms in summarise(seen.run_ms).items())
    lines = [
        ("run ms", f"{latencies} ({counted(len(seen.run_ms), 'run')})"),
        ("load ms", f"{seen.load_ms:.3f}, first run {seen.first_ms:.3f}"),
        (
            "memory",
            f"peak {_memory(seen.peak_memory_bytes)}, import alone "
            f"{_memory(seen.import_memory_bytes)}, arena {size(seen.arena_bytes)}",
        ),
        ("file", size(seen.file_bytes)),
        (
            "machine",
            f"{plain(machine.cpu or 'unknown')}, {machine.architecture}, "
            f"{counted(machine.cores, 'core')}, {_state(machine)}",
        ),
        ("isas", ", ".join(isas())),
        ("edgebin", f"{report.edgebin}, {report.date}"),
    ]
    if not report.valid:
        lines.append(("INVALID", "heat or weak supply slowed the machine down"))
    return lines


def _memory(count: int | None) -> str:
    return "unknown" if count is None else size(count)


def _state(machine: Machine) -> str:
    parts = [f"governor {machine.governor or 'unknown'}"]
    if machine.clock_mhz is not None:
        parts.append(f"{machine.clock_mhz:.0f} MHz")
    if machine.temperature_c is not None:
        parts.append(f"{machine.temperature_c:.0f} °C")
    return ", ".join(parts)
