"""`edgebin plot`: the course of trainings or of updates, from their logs, as a picture."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgebin.cli.figure import need_matplotlib, write_figure
from edgebin.cli.interrupt import when_interrupted_of
from edgebin.cli.training_figure import draw_trainings
from edgebin.cli.update_figure import draw_updates
from edgebin.errors import OptionError
from edgebin.train.log.curves import Curves, training_curves
from edgebin.train.log.entries import read_entries
from edgebin.train.log.update_course import UpdateCourse, is_update, update_course

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INCHES = (11.0, 4.5)


class Cost(str, Enum):
    """What a curve runs along; the epochs of an update are its layers."""

    EPOCHS = "epochs"
    SECONDS = "seconds"


def plot(
    logs: Annotated[
        list[Path], typer.Argument(help="log.jsonl of a run, or its folder.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE.png", help="Picture to write.")
    ] = Path("curves.png"),
    by: Annotated[
        Cost, typer.Option(help="What the curves run along; layers are the epochs of an update.")
    ] = Cost.EPOCHS,
) -> None:
    """Draw the curves of one or several trainings, or of updates, as PNG.

    Of trainings: loss and accuracy. Lines are of training pictures, broken lines of held-out ones;
    a dot is the accuracy on the test set at the end. Of updates: the loss on the pictures that
    judge and each layer's gain; what was put back is hollow. Needs matplotlib, from the extra
    `plot`.
    """
    when_interrupted_of(output)
    need_matplotlib("plot")
    trainings: list[Curves] = []
    updates: list[UpdateCourse] = []
    for log in logs:
        path = log / "log.jsonl" if os.path.isdir(log) else log
        entries = read_entries(path)
        if is_update(entries):
            updates.append(update_course(entries, path))
        else:
            trainings.append(training_curves(entries, path))
    if trainings and updates:
        raise OptionError("plot: expected logs of one kind, found trainings and updates")
    seconds = by is Cost.SECONDS

    def draw(figure: Figure) -> None:
        if updates:
            draw_updates(figure, updates, seconds=seconds)
        else:
            draw_trainings(figure, trainings, seconds=seconds)

    write_figure(output, _INCHES, draw, "--output")
