"""`edgebin bench`: measures models on this machine and judges whether that means anything.

`edgebin.runtime.measure` measures, in processes without the command line's memory.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edgebin.cli.figures.bench import draw_bench
from edgebin.cli.figures.style import check_figure_name
from edgebin.cli.reports.bench.document import document, now
from edgebin.cli.reports.bench.histogram import histogram_lines
from edgebin.cli.reports.bench.profile_note import profile_note
from edgebin.cli.reports.bench.table import print_results
from edgebin.cli.reports.bench.text import facts, heading, verdict
from edgebin.cli.reports.profile import print_profile
from edgebin.cli.terminal.console import (
    console,
    counted,
    note,
    plain,
    print_facts,
    print_json,
    print_line,
    write_json,
)
from edgebin.cli.terminal.interrupt import when_interrupted_of
from edgebin.cli.usage.arguments import JsonOption, ModelsArgument, completion
from edgebin.cli.usage.numbers import positive_number, whole_number, whole_numbers
from edgebin.cli.usage.requirements import need_matplotlib
from edgebin.errors import OptionError
from edgebin.runtime.measure import DEFAULT_SECONDS, Case, Plan, Result, measure_rounds
from edgebin.runtime.options import check_isa, isas
from edgebin.runtime.zoo import resolve

_MANY = 1_000_000
_HOUR = 3600.0


def bench(
    models: ModelsArgument,
    runs: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number("--runs", 1, _MANY),
            help="Exactly so many timed calls, instead of --seconds.",
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            metavar="S",
            parser=positive_number("--seconds", _HOUR),
            help="Measure for at least so long; 1 by default.",
        ),
    ] = None,
    warmup: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number("--warmup", 0, _MANY),
            help="Untimed calls after the first; by default until times are stable.",
        ),
    ] = None,
    rounds: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--rounds", 1, 1000),
            help="Measure so often, each time in a fresh process.",
        ),
    ] = 1,
    threads: Annotated[
        str,
        typer.Option(metavar="N[,N...]", help="Threads that one run uses; several make a table."),
    ] = "1",
    isa: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[,NAME...]",
            help="Instruction sets; by default the best of this machine.",
            autocompletion=completion(isas),
        ),
    ] = None,
    batch: Annotated[
        int,
        typer.Option(
            metavar="N", parser=whole_number("--batch", 1, 4096), help="Images in a call."
        ),
    ] = 1,
    streams: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--streams", 1, 256),
            help="Threads that call one model at the same time.",
        ),
    ] = 1,
    pin: Annotated[bool, typer.Option("--pin", help="Keep every thread on its own core.")] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Also time every step, one image at a time.")
    ] = False,
    sort: Annotated[
        bool, typer.Option("--sort", help="Print the slowest step of the profile first.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw a histogram, and with --profile the steps, as PNG, PDF or SVG; needs "
            "matplotlib.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the JSON document to a file."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure latency, throughput, load time and memory on this machine.

    Times are wall-clock milliseconds of one call of Model.run() on random pixels; memory is the
    peak resident set of a process that only loads and runs the model. A step of the profile is a
    layer with the layers behind it that are fused into it.

    The verdict is INVALID, with the reasons, where the machine was not quiet enough for the times
    to mean something. The exit code is 0 all the same.
    """
    _check_outputs(plot, output)
    if runs is not None and seconds is not None:
        raise OptionError("--runs and --seconds: expected one of them, found both")
    if pin and streams > 1:  # each stream would be kept on the first core
        raise OptionError("--pin and --streams: expected one of them, found both")
    if sort and not profile:
        raise OptionError("--sort: expected --profile beside it, found none")
    counts = whole_numbers("--threads", threads, 1)
    plans = [
        Plan(
            isa=set_,
            threads=count,
            batch=batch,
            streams=streams,
            warmup=warmup,
            runs=runs,
            seconds=DEFAULT_SECONDS if seconds is None else seconds,
            pin=pin,
            profile=profile,
        )
        for set_, count in itertools.product(_isas(isa), counts)
    ]
    paths = [(model, resolve(model)) for model in models]
    cases = [Case(model, path, plan) for (model, path), plan in itertools.product(paths, plans)]
    results = measure_rounds(cases, rounds, announce=_announce(len(cases) * rounds))
    _finish(results, plot=plot, output=output, as_json=as_json, sort=sort)


def _finish(
    results: Sequence[Result],
    *,
    plot: Path | None,
    output: Path | None,
    as_json: bool,
    sort: bool,
) -> None:
    """Write the files, say where, and print the results."""
    date, written = now(), []
    answer = document(results, date)
    if plot is not None:
        written.append(f"drawn in {plain(str(plot))}")
        draw_bench(results, _title(results, date), plot)
    if output is not None:
        written.append(f"JSON in {plain(str(output))}")
        write_json(answer, output, "--output")
    if as_json:
        print_json(answer)
    else:
        _show(results, date, sort=sort)
    for line in written:
        note(line) if as_json else print_line(console(), line)


def _show(results: Sequence[Result], date: str, *, sort: bool) -> None:
    screen = console()
    if len(results) > 1:
        print_results(screen, results)
        for result in results:
            if result.steps:
                print_line(screen)
                print_line(screen, heading(result))
                _show_profile(screen, result, sort=sort)
        return
    (result,) = results
    print_line(screen, heading(result))
    print_facts(screen, facts(result, version("edgebin"), date))
    ascii_only = not screen.encoding.startswith("utf")
    for line in histogram_lines(result.run_ms, ascii_only=ascii_only):
        print_line(screen, f"  {line}")
    if result.steps:
        _show_profile(screen, result, sort=sort)
    print_facts(screen, verdict(result))


def _show_profile(screen: Console, result: Result, *, sort: bool) -> None:
    steps = sorted(result.steps, key=lambda step: -step.ms) if sort else result.steps
    print_profile(screen, steps)
    print_facts(screen, [("profile", profile_note(result))])


def _title(results: Sequence[Result], date: str) -> str:
    machine = results[0].rounds[-1].after
    names = dict.fromkeys(result.case.model for result in results)
    return f"{', '.join(names)} on {machine.cpu or machine.architecture}, {date}"


def _announce(measurements: int) -> Callable[[Case, int], None]:
    """Return what says on standard error which measurement begins and how long it takes.

    It says nothing where there is no such file: the error is then the only line.
    """
    numbers = itertools.count(1)

    def announce(case: Case, _round: int) -> None:
        plan = case.plan
        if not case.path.exists():
            return
        number = f" {next(numbers)} of {measurements}" if measurements > 1 else ""
        many = f"{plan.seconds:g} s" if plan.runs is None else counted(plan.runs, "run")
        parts = [case.model, *([plan.isa] if plan.isa else []), counted(plan.threads, "thread")]
        note(f"measuring{number}: {', '.join(parts)}, {many} after warming up")

    return announce


def _isas(listed: str | None) -> tuple[str | None, ...]:
    """Return the instruction sets of --isa; None stands for the best one."""
    if listed is None:
        return (None,)
    wanted = tuple(dict.fromkeys(listed.split(",")))
    for name in wanted:
        check_isa(name)
    return wanted


def _check_outputs(plot: Path | None, output: Path | None) -> None:
    """Refuse what cannot be drawn before anything is measured."""
    named = [path for path in (plot, output) if path is not None]
    if named:
        when_interrupted_of(named[0])
    if plot is not None:
        need_matplotlib("--plot")
        check_figure_name(plot, "--plot")
