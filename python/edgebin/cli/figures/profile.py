"""The profile of a run as bars: where its time goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgebin.cli.figures.style import COLOURS
from edgebin.cli.terminal.plain import plain
from edgebin.runtime.profile import ProfiledStep

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NO_KERNEL = "#c9c9c9"
_BAR_INCHES = 0.22


def height_of(steps: Sequence[ProfiledStep]) -> float:
    """Return the inches that the bars of a profile need."""
    return 1.4 + _BAR_INCHES * len(steps)


def draw_bars(axes: Axes, steps: Sequence[ProfiledStep], title: str) -> None:
    """Draw a profile: a bar for each step, a colour for each kernel."""
    from matplotlib.patches import Patch

    names = list(dict.fromkeys(step.kernel for step in steps if step.kernel))
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}
    total = sum(step.ms for step in steps)
    bars = axes.barh(
        range(len(steps)),
        [step.ms for step in steps],
        color=[colours.get(step.kernel, _NO_KERNEL) for step in steps],
    )
    axes.bar_label(bars, [f"{s.ms:.4f} ms, {s.ms / total:.1%}" for s in steps], padding=3, size=7)
    labels = [f"{plain(step.layers[0])} ({' + '.join(step.ops)})" for step in steps]
    axes.set_yticks(range(len(steps)), labels, size=7, parse_math=False)
    axes.invert_yaxis()
    axes.set_xlabel("median ms of one image")
    axes.margins(x=0.18, y=0.01)
    axes.set_title(title, loc="left", size=9, parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)
    legend = [Patch(color=colours[name], label=name) for name in names]
    if any(not step.kernel for step in steps):
        legend.append(Patch(color=_NO_KERNEL, label="other"))
    axes.legend(handles=legend, loc="lower right", fontsize=7)
