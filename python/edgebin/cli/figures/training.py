"""The figure of trainings: loss and accuracy, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgebin.cli.figures.style import COLOURS, clean, label, legend, whole_numbers
from edgebin.train.log.training_curves import TrainingCurves

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GREY = "#555555"


def draw_trainings(figure: Figure, runs: Sequence[TrainingCurves], *, seconds: bool) -> None:
    """Draw loss on the left and accuracy on the right, over epochs or the seconds they took."""
    left, right = figure.subplots(1, 2)
    for index, run in enumerate(runs):
        colour = COLOURS[index % len(COLOURS)]
        xs = [epoch.seconds if seconds else epoch.epoch for epoch in run.epochs]
        name = label(run.name, run.test_accuracy)
        _curve(left, xs, [e.loss for e in run.epochs], colour, label=name)
        _curve(left, xs, [e.holdout_loss for e in run.epochs], colour, dashed=True)
        _curve(right, xs, [100 * e.accuracy for e in run.epochs], colour)
        _curve(right, xs, [_percent(e.holdout_accuracy) for e in run.epochs], colour, dashed=True)
        if run.test_accuracy is not None:
            right.plot([xs[-1]], [100 * run.test_accuracy], "o", color=colour)
    left.set_ylabel("loss")
    right.set_ylabel("accuracy, %")
    for axes in (left, right):
        clean(axes, "seconds of training" if seconds else "epoch")
        if not seconds:
            whole_numbers(axes)
    legend(left)
    _explain_lines(right, runs)


def _explain_lines(axes: Axes, runs: Sequence[TrainingCurves]) -> None:
    """Name the kinds of lines and dots that the figure has, in a legend of grey samples."""
    axes.plot([], [], "-", color=_GREY, label="training images")
    if any(epoch.holdout_loss is not None for run in runs for epoch in run.epochs):
        axes.plot([], [], "--", color=_GREY, label="held-out images")
    if any(run.test_accuracy is not None for run in runs):
        axes.plot([], [], "o", color=_GREY, label="test set, at the end")
    legend(axes)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _curve(
    axes: Axes,
    xs: Sequence[float],
    values: Sequence[float | None],
    colour: str,
    *,
    dashed: bool = False,
    label: str | None = None,
) -> None:
    points = [(x, y) for x, y in zip(xs, values, strict=True) if y is not None]
    if not points:
        return
    style = "--" if dashed else "-"
    marker = "." if len(points) == 1 else ""
    axes.plot(*zip(*points, strict=True), style, marker=marker, color=colour, label=label)
