"""`edgebin eval`: how well a classifier does on labelled images."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from edgebin.cli.figures.evaluation import draw_evaluation
from edgebin.cli.figures.style import check_figure_name
from edgebin.cli.reports.evaluation import document, print_evaluation
from edgebin.cli.terminal.console import complain, console, note, print_json
from edgebin.cli.terminal.interrupt import when_interrupted_of
from edgebin.cli.terminal.rate import Rate
from edgebin.cli.usage.arguments import IsaOption, JsonOption, ModelArgument, ThreadsOption
from edgebin.cli.usage.numbers import whole_number
from edgebin.cli.usage.requirements import need_matplotlib
from edgebin.runtime.evaluate import evaluate
from edgebin.runtime.evaluate.class_folders import PARTS
from edgebin.runtime.evaluate.evaluate import MOST_WORKERS
from edgebin.runtime.model import load


def evaluate_command(
    model: ModelArgument,
    data: Annotated[
        Path,
        typer.Option(
            "--data",
            metavar="FOLDER",
            help="A folder for each class inside, or inside its folders test, val or train.",
        ),
    ],
    split: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help=f"{', '.join(PARTS)}; by default the first that is there."
        ),
    ] = None,
    by_order: Annotated[
        bool,
        typer.Option(
            "--by-order", help="The folders, sorted, are the model's classes in their order."
        ),
    ] = False,
    workers: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--workers", 1, MOST_WORKERS),
            help="Images at the same time.",
        ),
    ] = 1,
    worst: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--worst", 1, 10_000),
            help="Mistakes to list, those with the highest scores.",
        ),
    ] = 10,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw the confusion matrix and the calibration as PNG, PDF or SVG; needs "
            "matplotlib.",
        ),
    ] = None,
    as_json: JsonOption = False,
    threads: ThreadsOption = 1,
    isa: IsaOption = None,
) -> None:
    """Tell how well a classifier does on images of known classes.

    Prints the share of images that it gets right, how each class does, which classes it takes for
    each other, how far its scores can be believed, and its worst mistakes. Images that cannot be
    read are counted; the exit code is then 1.
    """
    if plot is not None:
        check_figure_name(plot, "--plot")
        need_matplotlib("--plot")
        when_interrupted_of(plot)
    network = load(model, threads=threads, isa=isa)
    rate = Rate()

    def report(error: str) -> None:
        rate.count(skipped=bool(error))
        if error:
            rate.clear()
            complain(error)

    result = evaluate(
        network,
        data,
        split=split,
        by_order=by_order,
        workers=workers,
        worst=worst,
        report=report,
    )
    rate.clear()
    note(rate.line())
    if as_json:
        print_json(document(network.name, result, version("edgebin")))
    else:
        print_evaluation(console(), network.name, result)
    if plot is not None:
        draw_evaluation(result, network.name, plot)
        note(f"drew {plot}")
    if result.skipped:
        raise typer.Exit(1)
