"""`edgebin plot`: the course of trainings, from their logs, as a picture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgebin.cli.figure import COLOURS, need_matplotlib, write_figure
from edgebin.cli.interrupt import when_interrupted_of
from edgebin.cli.terminal import plain
from edgebin.train.curves import Curves, Epoch, read_curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INCHES = (11.0, 4.5)


class Cost(str, Enum):
    """What a curve runs along."""

    EPOCHS = "epochs"
    SECONDS = "seconds"


def plot(
    logs: Annotated[
        list[Path], typer.Argument(help="log.jsonl of a run, or its folder.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE.png", help="Picture to write.")
    ] = Path("curves.png"),
    by: Annotated[Cost, typer.Option(help="What the curves run along.")] = Cost.EPOCHS,
) -> None:
    """Draw loss and accuracy of one or several trainings as PNG.

    Lines are of training pictures, broken lines of held-out ones; a dot is the accuracy on the test
    set at the end. Needs matplotlib, from the extra `plot`.
    """
    when_interrupted_of(output)
    need_matplotlib("plot")
    runs = [read_curves(log / "log.jsonl" if os.path.isdir(log) else log) for log in logs]
    write_figure(output, _INCHES, lambda figure: _draw(figure, runs, by), "--output")


def _draw(figure: Figure, runs: Sequence[Curves], by: Cost) -> None:
    left, right = figure.subplots(1, 2)
    for index, run in enumerate(runs):
        colour = COLOURS[index % len(COLOURS)]
        places = [_place(epoch, by) for epoch in run.epochs]
        _curve(left, places, [e.loss for e in run.epochs], colour, label=_label(run))
        _curve(left, places, [e.holdout_loss for e in run.epochs], colour, broken=True)
        _curve(right, places, [100 * e.accuracy for e in run.epochs], colour)
        _curve(
            right, places, [_percent(e.holdout_accuracy) for e in run.epochs], colour, broken=True
        )
        if run.test_accuracy is not None:
            right.plot([places[-1]], [100 * run.test_accuracy], "o", color=colour)
    left.set_ylabel("loss")
    right.set_ylabel("accuracy, %")
    for axes in (left, right):
        axes.set_xlabel("epoch" if by is Cost.EPOCHS else "seconds of training")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#e0e0e0", linewidth=0.6)
    legend = left.legend(fontsize=8)
    for text in legend.get_texts():
        text.set_parse_math(False)


def _label(run: Curves) -> str:
    test = "" if run.test_accuracy is None else f", test set {run.test_accuracy:.2%}"
    return plain(run.name) + test


def _place(epoch: Epoch, by: Cost) -> float:
    return epoch.epoch if by is Cost.EPOCHS else epoch.seconds


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _curve(
    axes: Axes,
    places: Sequence[float],
    values: Sequence[float | None],
    colour: str,
    *,
    broken: bool = False,
    label: str | None = None,
) -> None:
    points = [(x, y) for x, y in zip(places, values, strict=True) if y is not None]
    if not points:
        return
    style = "--" if broken else "-"
    marker = "." if len(points) == 1 else ""
    axes.plot(*zip(*points, strict=True), style, marker=marker, color=colour, label=label)
