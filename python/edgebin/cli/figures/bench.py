"""The figure of `edgebin bench --plot`: a histogram of the calls, and where a run's time goes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgebin.cli.figures.profile import draw_bars, height_of
from edgebin.cli.figures.style import COLOURS, clean, legend, write_figure
from edgebin.cli.terminal.plain import plain
from edgebin.runtime.measure import Result
from edgebin.runtime.measure.statistics import histogram

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 9.0
_HISTOGRAM = 2.8  # inches
_CLASSES = 60


def draw_bench(results: Sequence[Result], title: str, path: Path) -> None:
    """Write one figure: a histogram of every result and the profiles of those that have one.

    Raises:
        OptionError: the name has no known format, or the file cannot be written.
    """
    profiled = [result for result in results if result.steps]
    heights = [_HISTOGRAM, *(height_of(result.steps) for result in profiled)]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
        figure.suptitle(_wrapped(title), x=0.01, ha="left", size=9, parse_math=False)
        _histogram(axes[0], results)
        for below, result in zip(axes[1:], profiled, strict=True):
            total = sum(step.ms for step in result.steps)
            name = f"{_name(result)}: steps of one image, {total:.3f} ms in all"
            draw_bars(below, result.steps, name)

    write_figure(path, (_WIDTH, 0.4 + sum(heights)), draw, "--plot")


def _histogram(axes: Axes, results: Sequence[Result]) -> None:
    for number, result in enumerate(results):
        found = histogram(result.run_ms, _CLASSES)
        colour = COLOURS[number % len(COLOURS)]
        median = result.latency["median"]
        name = f"{_name(result)}: median {median:.3f} ms" + ("" if result.valid else " (INVALID)")
        axes.stairs(found.counts, found.edges, color=colour, fill=len(results) == 1, label=name)
        axes.axvline(median, color=colour, linewidth=0.8, linestyle="--")
    clean(axes, "ms of one call, without the slowest; dashed: the median")
    axes.set_axisbelow(True)
    axes.set_ylabel("calls")
    legend(axes)


def _name(result: Result) -> str:
    plan = result.case.plan
    name = f"{plain(result.case.model)}, {result.first.isa}, threads: {plan.threads}"
    return f" {name}" if name.startswith("_") else name  # matplotlib leaves such out of a legend


def _wrapped(title: str) -> str:
    import textwrap

    return textwrap.fill(title, 110)
