"""`edgebin plot`: draws the course of trainings or of refine runs, from their logs."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgebin.cli.figures.refining import draw_refinements
from edgebin.cli.figures.style import check_figure_name, write_figure
from edgebin.cli.figures.training import draw_trainings
from edgebin.cli.terminal.interrupt import when_interrupted_of
from edgebin.cli.terminal.plain import plain
from edgebin.cli.usage.requirements import need_matplotlib
from edgebin.errors import OptionError
from edgebin.train.log.entries import read_entries
from edgebin.train.log.refinement_curves import RefinementCurves, is_refinement, refinement_curves
from edgebin.train.log.training_curves import TrainingCurves, training_curves

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INCHES = (11.0, 4.5)


class Cost(str, Enum):
    """What the x axis shows; the epochs of a refine run are its layers."""

    EPOCHS = "epochs"
    SECONDS = "seconds"


def plot(
    logs: Annotated[
        list[Path], typer.Argument(metavar="LOG...", help="log.jsonl of a run, or its folder.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="PNG, PDF or SVG file to write.")
    ] = Path("curves.png"),
    by: Annotated[
        Cost,
        typer.Option(metavar="AXIS", help="Over epochs (of a refine run: layers) or seconds."),
    ] = Cost.EPOCHS,
) -> None:
    """Draw the curves of one or several runs of train or refine.

    Of train: loss and accuracy, solid lines on training images, dashed ones on held-out images; a
    dot is the accuracy on the test set at the end. Of refine: the loss on the judging images and
    the gain of each layer; hollow dots are candidates that were rejected. Needs matplotlib.
    """
    when_interrupted_of(output)
    need_matplotlib("plot")
    check_figure_name(output, "--output")
    trainings: list[TrainingCurves] = []
    refinements: list[RefinementCurves] = []
    for log in logs:
        path = log / "log.jsonl" if os.path.isdir(log) else log
        entries = read_entries(path)
        if is_refinement(entries):
            refinements.append(refinement_curves(entries, path))
        else:
            trainings.append(training_curves(entries, path))
    if trainings and refinements:
        raise OptionError("plot: expected logs of one kind, found trainings and refine runs")
    seconds = by is Cost.SECONDS

    def draw(figure: Figure) -> None:
        if refinements:
            draw_refinements(figure, refinements, seconds=seconds)
        else:
            draw_trainings(figure, trainings, seconds=seconds)

    write_figure(output, _INCHES, draw, "--output")
    typer.echo(plain(str(output)))
