"""The figure of `edgebin eval --plot`: the confusion matrix and the calibration of the scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edgebin.cli.figures.style import COLOURS, clean, legend, write_figure
from edgebin.cli.terminal.plain import plain
from edgebin.runtime.evaluate import Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_NAMED = 40  # classes whose names have room
_MOST_NUMBERS = 20  # classes whose cells have room for a number
_LETTERS = 18


def draw_evaluation(result: Evaluation, name: str, path: Path) -> None:
    """Write the figure.

    Raises:
        OptionError: the name has no known format, or the file cannot be written.
    """

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        _confusion(left, result)
        _calibration(right, result)
        title = f"{plain(name)} on {plain(result.folder)}: {result.accuracy:.2%} of "
        figure.suptitle(f"{title}{result.images:,} images", size=10, parse_math=False)

    side = min(12.0, 4.0 + 0.25 * len(result.classes))
    write_figure(path, (side * 5 / 3, side), draw, "--plot")


def _confusion(axes: Axes, result: Evaluation) -> None:
    counts = result.confusion if result.confusion[:, -1].any() else result.confusion[:, :-1]
    rows = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shares = counts / rows
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    labels = [plain(score.label)[:_LETTERS] for score in result.classes]
    columns = [*labels, "none"][: counts.shape[1]]
    if len(labels) <= _MOST_NAMED:
        axes.set_yticks(range(len(labels)), labels, fontsize=7, parse_math=False)
        axes.set_xticks(
            range(len(columns)), columns, fontsize=7, rotation=60, ha="right", parse_math=False
        )
    if len(labels) <= _MOST_NUMBERS:
        for (row, column), count in np.ndenumerate(counts):
            if count:
                colour = "white" if shares[row, column] > 0.5 else "black"
                axes.text(column, row, str(count), ha="center", va="center", size=7, color=colour)
    axes.set_ylabel("class")
    axes.set_xlabel("taken for; colour: share of the class")


def _calibration(axes: Axes, result: Evaluation) -> None:
    filled = [x for x in result.bins if x.images]
    axes.plot([0, 1], [0, 1], color="#808080", linewidth=0.8, linestyle="--", label="as it says")
    axes.plot(
        [x.score for x in filled],
        [x.accuracy for x in filled],
        color=COLOURS[0],
        marker="o",
        markersize=4,
        label=f"measured, off by {100 * result.ece:.1f} points on average",
    )
    total = max(sum(x.images for x in result.bins), 1)
    axes.bar(
        [x.low for x in result.bins],
        [x.images / total for x in result.bins],
        [x.high - x.low for x in result.bins],
        align="edge",
        color=COLOURS[3],
        alpha=0.5,
        label="share of the images",
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    clean(axes, "score of the best class")
    axes.set_ylabel("share that is right")
    legend(axes)
