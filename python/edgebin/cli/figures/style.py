"""Figures as files, and the look that all share. matplotlib is imported when one is drawn."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from edgebin.cli.terminal.console import note
from edgebin.cli.terminal.plain import plain
from edgebin.errors import OptionError
from edgebin.files.atomic_write import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SUFFIXES = (".png", ".pdf", ".svg")
COLOURS = ("#c8553d", "#588b8b", "#e0a458", "#93b7be", "#6d597a", "#b5838d")


def check_figure_name(path: Path, option: str) -> str:
    """Return the format that a file's name stands for; PNG where it has no suffix.

    Raises:
        OptionError: the name ends in no format that can be drawn; the line begins with `option`.
    """
    suffix = path.suffix.lower() or ".png"
    if suffix not in _SUFFIXES:
        expected = f"{', '.join(_SUFFIXES[:-1])} or {_SUFFIXES[-1]}"
        raise OptionError(f"{option} {path}: expected a name that ends in {expected}")
    return suffix[1:]


def write_figure(
    path: Path, inches: tuple[float, float], draw: Callable[[Figure], None], option: str
) -> None:
    """Write what `draw` makes of an empty figure, whole or not at all.

    A line on standard error says so where the file replaces another.

    Args:
        path: its suffix chooses the format, see `check_figure_name`.
        inches: width and height.
        draw: fills the figure.
        option: of the command line that names the file; an error line begins with it.

    Raises:
        OptionError: the name has no known format, or the file cannot be written.
    """
    file_format = check_figure_name(path, option)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=inches, layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure)
    content = io.BytesIO()
    with warnings.catch_warnings():  # of letters that the font lacks: a box stands for them
        warnings.simplefilter("ignore")
        figure.savefig(content, format=file_format, dpi=150)
    replaced = path.exists()
    try:
        write_whole(path, lambda file: file.write(content.getvalue()))
    except OSError as error:
        raise OptionError(f"{option} {path}: {error.strerror}") from error
    if replaced:
        note(f"{option} {path}: replaced the file that was there")


def clean(axes: Axes, x_label: str) -> None:
    """Give axes a light grid, no frame, and a label below."""
    axes.set_xlabel(x_label)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e0e0e0", linewidth=0.6)


def whole_numbers(axes: Axes) -> None:
    """Put ticks at whole epochs or layers only."""
    axes.locator_params(axis="x", integer=True)


def label(name: str, test_accuracy: float | None) -> str:
    """Return a run's line of the legend."""
    test = "" if test_accuracy is None else f", test set {test_accuracy:.2%}"
    # matplotlib leaves out what begins with an underscore.
    return f" {plain(name)}{test}" if name.startswith("_") else plain(name) + test


def legend(axes: Axes) -> None:
    """Draw a small legend whose names are shown as they are: a dollar sign begins no formula."""
    for text in axes.legend(fontsize=8).get_texts():
        text.set_parse_math(False)
