"""Draws a result of `run.py`: accuracy on the test set against the cost of reaching it.

One panel has the cost in minutes, the other in image passes. Trainings are circles, alternating
updates squares. Steps that differ only in epochs, held-out images or seeds, their own or those of
the steps that they start from, form one line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgebin.cli.figures.style import COLOURS, write_figure

_INCHES = (11.0, 4.5)
_FREE = ("epochs", "holdout", "seed")
_SHADES = ("-", "--", ":")
_COSTS = (
    ("total_seconds", 60, "minutes of computing"),
    ("total_passes", 1e6, "million image passes"),
)


def draw(result: Mapping[str, Any], path: Path) -> None:
    """Write the chart as PNG.

    Args:
        result: as `run.py` writes it.
        path: of the image.

    Raises:
        OptionError: the file cannot be written.
    """
    rows: Sequence[Mapping[str, Any]] = result["steps"]
    started = max(row["started"] for row in rows)[:10]

    def panels(figure: Any) -> None:
        both = figure.subplots(1, 2, sharey=True)
        for axes, (cost, unit, label) in zip(both, _COSTS, strict=True):
            for number, line in enumerate(lines_of(rows)):
                colour = COLOURS[number % len(COLOURS)]
                shape = "o" if "recipe" in line[0] else "s"
                style = shape + _SHADES[number // len(COLOURS) % len(_SHADES)]
                fill = "full" if number < len(COLOURS) else "none"
                xs = [row[cost] / unit for row in line]
                ys = [100 * row["test_accuracy"] for row in line]
                names = "\n".join(
                    f"{row['step']}: {y:.2f} %" for row, y in zip(line, ys, strict=True)
                )
                axes.plot(xs, ys, style, color=colour, label=names, fillstyle=fill, linewidth=1)
            axes.set_xlabel(f"{label}, including all steps that a step needs")
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(color="#e0e0e0", linewidth=0.6)
        both[0].set_ylabel("accuracy on the test set, %")
        both[0].set_title(f"{result['experiment']}, {started}", loc="left", fontsize=10)
        both[1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8, frameon=False)

    write_figure(path, _INCHES, panels, "--plot")


def lines_of(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Return the rows of a result grouped into lines, each ordered by cost."""
    kinds: dict[str, Any] = {}
    lines: dict[Any, list[Mapping[str, Any]]] = {}
    for row in rows:
        options = {key: value for key, value in row["options"].items() if key not in _FREE}
        for key in ("init", "teacher", "refines"):
            if key in options:
                options[key] = kinds[options[key]]
        kind = row.get("recipe"), tuple(sorted(options.items()))
        # Steps that start from steps of one line form one line, unless those differ in length.
        kinds[row["step"]] = (kind, row.get("epochs"))
        lines.setdefault(kind, []).append(row)
    return [sorted(line, key=lambda row: row["total_passes"]) for line in lines.values()]
