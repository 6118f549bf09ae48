"""Draws a result of `ladder.py`: accuracy on the test set against what reaching it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgebin.cli.figure import COLOURS, write_figure

_INCHES = (8.5, 4.5)


def draw(result: Mapping[str, Any], path: Path) -> None:
    """Write the chart as PNG.

    Args:
        result: as `ladder.py` writes it.
        path: of the picture.

    Raises:
        OptionError: the file cannot be written.
    """
    rows: Sequence[Mapping[str, Any]] = result["steps"]

    def points(figure: Any) -> None:
        axes = figure.subplots()
        for number, row in enumerate(rows):
            colour = COLOURS[number % len(COLOURS)]
            mark = "o" if "recipe" in row else "s"
            x, y = row["total_seconds"] / 60, 100 * row["test_accuracy"]
            label = f"{row['step']}: {y:.2f} %"
            axes.plot([x], [y], mark, color=colour, label=label, markersize=8)
        axes.set_xlabel("minutes of computing, all that a step needs included")
        axes.set_ylabel("accuracy on the test set, %")
        axes.set_title(f"{result['ladder']}, {result['date']}", loc="left", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#e0e0e0", linewidth=0.6)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8, frameon=False)

    write_figure(path, _INCHES, points, "--plot")
