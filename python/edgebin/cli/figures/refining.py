"""The figure of refinements: the loss on the judging images, and the gain of each layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgebin.cli.figures.style import COLOURS, clean, label, legend, whole_numbers
from edgebin.cli.terminal.plain import plain
from edgebin.train.log.refinement_curves import LayerCandidate, RefinementCurves

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_NAMES = 40
_LONGEST_NAME = 30


def draw_refinements(figure: Figure, runs: Sequence[RefinementCurves], *, seconds: bool) -> None:
    """Draw loss on the left and gain on the right, over layers or the seconds that they took."""
    left, right = figure.subplots(1, 2, sharex=True)
    for index, run in enumerate(runs):
        colour = COLOURS[index % len(COLOURS)]
        layers = run.candidates
        ends = [layer.seconds if seconds else n for n, layer in enumerate(layers, 1)]
        steps = list(zip([0.0, *ends], run.losses, strict=True))
        known = [(x, y) for x, y in steps if y is not None]
        if known:
            left.plot(*zip(*known, strict=True), drawstyle="steps-post", color=colour)
        left.plot([], [], "o-", color=colour, label=label(run.name, run.test_accuracy))
        gains = [layer.gain if layer.gain is None else 100 * layer.gain for layer in layers]
        _dots(left, ends, [layer.loss for layer in layers], layers, colour)
        _dots(right, ends, gains, layers, colour)
    if not all(candidate.kept for run in runs for candidate in run.candidates):
        left.plot([], [], "o", color="#555555", markerfacecolor="white", label="rejected")
    left.set_ylabel("loss, judging images")
    right.set_ylabel("target gain, %")
    for axes in (left, right):
        clean(axes, "seconds of refinement" if seconds else "layer")
        if not seconds:
            _name_layers(axes, runs)
    legend(left)


def _dots(
    axes: Axes,
    positions: Sequence[float],
    values: Sequence[float | None],
    candidates: Sequence[LayerCandidate],
    colour: str,
) -> None:
    """Draw a dot for each value, hollow where the candidate was rejected."""
    for kept, fill in ((True, colour), (False, "white")):
        points = [
            (x, y)
            for x, y, candidate in zip(positions, values, candidates, strict=True)
            if y is not None and candidate.kept is kept
        ]
        if points:
            xs, ys = zip(*points, strict=True)
            axes.plot(xs, ys, "o", color=colour, markerfacecolor=fill, markersize=5)


def _name_layers(axes: Axes, runs: Sequence[RefinementCurves]) -> None:
    """Write names instead of numbers where all runs have the same and they fit."""
    names = [[_layer_label(candidate) for candidate in run.candidates] for run in runs]
    longest = max(names, key=len)
    same = all(longest[: len(others)] == others for others in names)
    if same and len(longest) <= _MOST_NAMES and max(map(len, longest)) <= _LONGEST_NAME:
        positions = range(1, len(longest) + 1)
        axes.set_xticks(positions, longest, rotation=90, fontsize=7, parse_math=False)
    else:
        whole_numbers(axes)


def _layer_label(candidate: LayerCandidate) -> str:
    return plain(candidate.layer) + (", refitted" if candidate.gain is None else "")
