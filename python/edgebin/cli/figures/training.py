"""The figure of trainings: loss and accuracy, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgebin.cli.figures.style import COLOURS, clean, label, legend, whole_numbers
from edgebin.train.log.curves import Curves, Epoch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_trainings(figure: Figure, runs: Sequence[Curves], *, seconds: bool) -> None:
    """Loss on the left, accuracy on the right, along epochs or the seconds that they took."""
    left, right = figure.subplots(1, 2)
    for index, run in enumerate(runs):
        colour = COLOURS[index % len(COLOURS)]
        places = [_place(epoch, seconds) for epoch in run.epochs]
        _curve(
            left,
            places,
            [e.loss for e in run.epochs],
            colour,
            label=label(run.name, run.test_accuracy),
        )
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
        clean(axes, "seconds of training" if seconds else "epoch")
        if not seconds:
            whole_numbers(axes)
    legend(left)


def _place(epoch: Epoch, seconds: bool) -> float:
    return epoch.seconds if seconds else epoch.epoch


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
