"""`edgebin bench`: measures how long and how much memory a model takes on this machine.

`edgebin.runtime.measure` measures in a process of its own, without the command line's memory.
"""

from __future__ import annotations

from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from edgebin.cli.figures.profile import draw_profile
from edgebin.cli.figures.style import check_figure_name
from edgebin.cli.reports.bench import Report, document, facts, heading
from edgebin.cli.reports.profile import print_profile
from edgebin.cli.terminal.console import console, plain, print_facts, print_json, print_line
from edgebin.cli.terminal.interrupt import when_interrupted_of
from edgebin.cli.usage.arguments import IsaOption, JsonOption, ModelArgument, ThreadsOption
from edgebin.cli.usage.numbers import whole_number
from edgebin.cli.usage.requirements import need_matplotlib
from edgebin.machine import look
from edgebin.runtime.measure import Plan, measure
from edgebin.runtime.zoo import resolve

_MANY = 1_000_000


def bench(
    model: ModelArgument,
    runs: Annotated[
        int,
        typer.Option(metavar="N", parser=whole_number("--runs", 1, _MANY), help="Timed calls."),
    ] = 100,
    warmup: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--warmup", 0, _MANY),
            help="Untimed calls after the first and before the timed ones.",
        ),
    ] = 10,
    threads: ThreadsOption = 1,
    batch: Annotated[
        int,
        typer.Option(
            metavar="N", parser=whole_number("--batch", 1, 4096), help="Images in a call."
        ),
    ] = 1,
    isa: IsaOption = None,
    pin: Annotated[bool, typer.Option("--pin", help="Keep every thread on its own core.")] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Also time every step, one image at a time.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the profile as PNG, PDF or SVG; needs matplotlib."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure latency, load time and memory on this machine.

    Times are wall-clock milliseconds of one call of Model.run() on random pixels; memory is the
    peak resident set of a process that only loads and runs the model. A step of the profile is a
    layer with the layers behind it that are fused into it.
    """
    if plot is not None:
        when_interrupted_of(plot)
        need_matplotlib("--plot")
        check_figure_name(plot, "--plot")
    path = resolve(model)
    before = look()
    plan = Plan(
        isa=isa,
        threads=threads,
        batch=batch,
        warmup=warmup,
        runs=runs,
        pin=pin,
        profile=profile or plot is not None,
    )
    measurement = measure(path, plan)
    report = Report(
        model=model,
        threads=threads,
        batch=batch,
        warmup=warmup,
        measurement=measurement,
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
    else:
        _show(report, profile=profile, plot=plot)


def _show(report: Report, *, profile: bool, plot: Path | None) -> None:
    screen = console()
    print_line(screen, heading(report))
    print_facts(screen, facts(report))
    if profile:
        print_profile(screen, report.measurement.steps)
    if plot is not None:
        print_line(screen, f"profile drawn in {plain(str(plot))}")


def _draw(report: Report, path: Path) -> None:
    title = f"{report.model} on {report.after.cpu or report.after.architecture}, "
    title += f"{report.measurement.isa}, threads: {report.threads}, {report.date}"
    draw_profile(report.measurement.steps, title, path)
