"""`edgebin bench`: measures how long and how much memory a model takes on this machine.

The measuring runs in a fresh process (`edgebin.runtime.measure`), without the command line's own
memory.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from edgebin.cli.arguments import IsaOption, JsonOption, ModelArgument, ThreadsOption
from edgebin.cli.figure import need_matplotlib
from edgebin.cli.interrupt import when_interrupted_of
from edgebin.cli.profile import draw, rows
from edgebin.cli.terminal import console, plain, print_json, size
from edgebin.machine import Machine, look
from edgebin.runtime.measure import Measurement, measure
from edgebin.runtime.model import isas
from edgebin.runtime.zoo import resolve

_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Report:
    """A measurement and all that it needs to be repeated."""

    model: str
    threads: int
    batch: int
    warmup: int
    seen: Measurement
    before: Machine
    after: Machine
    date: str
    edgebin: str
    pin: bool = False

    @property
    def valid(self) -> bool:
        """False where the machine said that heat or weak supply slowed it."""
        return not (self.before.throttled or self.after.throttled)


def bench(
    model: ModelArgument,
    runs: Annotated[int, typer.Option(min=1, max=_MANY, help="Timed calls.")] = 100,
    warmup: Annotated[
        int, typer.Option(min=0, max=_MANY, help="Calls before them, after the first.")
    ] = 10,
    threads: ThreadsOption = 1,
    batch: Annotated[int, typer.Option(min=1, max=4096, help="Pictures in one call.")] = 1,
    isa: IsaOption = None,
    pin: Annotated[
        bool, typer.Option("--pin", help="Keep every thread on a core of its own.")
    ] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Time every stage as well, one picture at a time.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.png",
            help="Draw the profile. Needs matplotlib, from the extra `plot`.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure latency, load time and memory on this machine.

    Times are wall-clock milliseconds of one call of Model.run() on random pixels; memory is the
    peak resident set of a process that only loads and runs the model. A stage of the profile is a
    layer with those behind it that run in the same step.
    """
    if plot is not None:
        when_interrupted_of(plot)
        need_matplotlib("--plot")
    path = resolve(model)
    before = look()
    seen = measure(
        path,
        isa=isa,
        threads=threads,
        batch=batch,
        warmup=warmup,
        runs=runs,
        pin=pin,
        profile=profile or plot is not None,
    )
    report = Report(
        model=model,
        threads=threads,
        batch=batch,
        warmup=warmup,
        seen=seen,
        before=before,
        after=look(),
        date=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        edgebin=version("edgebin"),
        pin=pin,
    )
    if plot is not None:
        _draw(report, plot)
    if as_json:
        print_json(document(report))
        return
    screen = console()
    screen.print(text(report), soft_wrap=True)
    if profile:
        screen.print(rows(seen.stages))


def summarise(times: list[float]) -> dict[str, float]:
    """Return minimum, mean, median, 90th and 99th percentile, each in the unit of the times."""
    median, p90, p99 = np.percentile(times, (50, 90, 99)).tolist()
    mean = sum(times) / len(times)
    return {"min": min(times), "mean": mean, "median": median, "p90": p90, "p99": p99}


def document(report: Report) -> dict[str, object]:
    """Return the report as JSON holds it: every timed call is in it."""
    facts = asdict(report)
    seen = facts.pop("seen")
    for fields, stage in zip(seen["stages"], report.seen.stages, strict=True):
        fields["gmacs_per_second"] = stage.gmacs_per_second
    return {**facts, "valid": report.valid, "latency_ms": summarise(report.seen.run_ms), **seen}


def text(report: Report) -> str:
    """Return the report as a person reads it."""
    seen, machine = report.seen, report.after
    figures = ", ".join(f"{name} {ms:.3f}" for name, ms in summarise(seen.run_ms).items())
    plural = "s" if report.threads > 1 else ""
    threads = f"{report.threads} thread{plural}{', pinned' if report.pin else ''}"
    lines = [
        f"{plain(report.model)}: {seen.isa}, {threads}, batch {report.batch}",
        f"run ms   {figures} ({len(seen.run_ms)} runs)",
        f"load ms  {seen.load_ms:.3f}, first run {seen.first_ms:.3f}",
        f"memory   peak {_memory(seen.peak_memory_bytes)}, import alone "
        f"{_memory(seen.import_memory_bytes)}, arena {size(seen.arena_bytes)}",
        f"file     {size(seen.file_bytes)}",
        f"machine  {plain(machine.cpu or 'unknown')}, {machine.architecture}, "
        f"{machine.cores} cores, {_state(machine)}",
        f"isas     {', '.join(isas())}",
        f"edgebin  {report.edgebin}, {report.date}",
    ]
    if not report.valid:
        lines.append("INVALID  heat or weak supply slowed the machine down")
    return "\n".join(lines)


def _draw(report: Report, path: Path) -> None:
    title = f"{report.model} on {report.after.cpu or report.after.architecture}, "
    title += f"{report.seen.isa}, threads: {report.threads}, {report.date}"
    draw(report.seen.stages, title, path)


def _memory(count: int | None) -> str:
    return "unknown" if count is None else size(count)


def _state(machine: Machine) -> str:
    parts = [f"governor {machine.governor or 'unknown'}"]
    if machine.clock_mhz is not None:
        parts.append(f"{machine.clock_mhz:.0f} MHz")
    if machine.temperature_c is not None:
        parts.append(f"{machine.temperature_c:.0f} °C")
    return ", ".join(parts)
