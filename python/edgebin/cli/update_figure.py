"""The figure of updates: the loss on the pictures that judge, and the gain of each layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgebin.cli.figure import COLOURS, clean, legend
from edgebin.cli.plain import plain
from edgebin.train.update_course import Trial, UpdateCourse

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_NAMES = 40


def draw_updates(figure: Figure, runs: Sequence[UpdateCourse], *, seconds: bool) -> None:
    """Loss on the left, gain on the right, along layers or the seconds that they took."""
    left, right = figure.subplots(1, 2)
    for index, run in enumerate(runs):
        colour = COLOURS[index % len(COLOURS)]
        ends = [trial.seconds for trial in run.trials] if seconds else range(1, len(run.trials) + 1)
        places = [0.0, *ends]
        known = [(x, y) for x, y in zip(places, run.losses, strict=True) if y is not None]
        if known:
            left.plot(*zip(*known, strict=True), drawstyle="steps-post", color=colour)
        left.plot([], [], "o-", color=colour, label=_label(run))
        for x, trial in zip(places[1:], run.trials, strict=True):
            fill = colour if trial.kept else "white"
            _dot(left, x, trial.loss, colour, fill)
            if trial.gain is not None:
                _dot(right, x, 100 * trial.gain, colour, fill)
    left.set_ylabel("loss, pictures that judge")
    right.set_ylabel("gain of the target, %")
    for axes in (left, right):
        clean(axes, "seconds of the update" if seconds else "layer")
        if not seconds:
            _name_layers(axes, runs)
    legend(left)


def _dot(axes: Axes, x: float, y: float, colour: str, fill: str) -> None:
    axes.plot([x], [y], "o", color=colour, markerfacecolor=fill, markersize=5)


def _label(run: UpdateCourse) -> str:
    test = "" if run.test_accuracy is None else f", test set {run.test_accuracy:.2%}"
    return plain(run.name) + test


def _name_layers(axes: Axes, runs: Sequence[UpdateCourse]) -> None:
    """Their names instead of numbers, where all runs have the same and there is room."""
    names = [[_shown(trial) for trial in run.trials] for run in runs]
    longest = max(names, key=len)
    same = all(longest[: len(some)] == some for some in names)
    if same and len(longest) <= _MOST_NAMES:
        axes.set_xticks(range(1, len(longest) + 1), longest)
        for text in axes.get_xticklabels():
            text.set(rotation=90, fontsize=7, parse_math=False)


def _shown(trial: Trial) -> str:
    return plain(trial.layer) + (", fitted" if trial.gain is None else "")
