"""Figures as PNG files. matplotlib, from the extra `plot`, is imported when one is drawn."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from edgebin.cli.plain import plain
from edgebin.errors import OptionError
from edgebin.files.atomic_write import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#c8553d", "#588b8b", "#e0a458", "#93b7be", "#6d597a", "#b5838d")


def need_matplotlib(what: str) -> None:
    """Refuse to draw before any work is done.

    Raises:
        OptionError: matplotlib is missing; `what` wants it.
    """
    try:
        import matplotlib  # noqa: F401  # the extra `plot`
    except ImportError:
        raise OptionError(
            f"{what}: matplotlib is missing, install it with pip install 'edgebin[plot]'"
        ) from None


def write_figure(
    path: Path, inches: tuple[float, float], draw: Callable[[Figure], None], what: str
) -> None:
    """Write what `draw` makes of an empty figure, whole or not at all.

    Raises:
        OptionError: the file cannot be written; the line begins with `what`.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=inches, layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure)
    png = io.BytesIO()
    with warnings.catch_warnings():  # of letters that the font lacks: a box stands for them
        warnings.simplefilter("ignore")
        figure.savefig(png, format="png", dpi=150)
    try:
        write_whole(path, lambda file: file.write(png.getvalue()))
    except OSError as error:
        raise OptionError(f"{what} {path}: {error.strerror}") from error


def clean(axes: Axes, along: str) -> None:
    """A light grid, no frame, and what the curves run along."""
    axes.set_xlabel(along)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e0e0e0", linewidth=0.6)


def whole_numbers(axes: Axes) -> None:
    """No ticks between epochs or layers."""
    axes.locator_params(axis="x", integer=True)


def label(name: str, test_accuracy: float | None) -> str:
    """A run's line of the legend."""
    test = "" if test_accuracy is None else f", test set {test_accuracy:.2%}"
    # matplotlib leaves out what begins with an underscore.
    return f" {plain(name)}{test}" if name.startswith("_") else plain(name) + test


def legend(axes: Axes) -> None:
    """A small legend whose names are shown as they are: a dollar sign begins no formula."""
    for text in axes.legend(fontsize=8).get_texts():
        text.set_parse_math(False)
