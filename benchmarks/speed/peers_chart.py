"""Draws a result of `peers.py`: a row for each network, a column for each number of threads."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgebin.files.atomic_write import write_whole
from runtimes import PEERS
from speed.comparison import OWN
from suite import NETWORKS

Row = Mapping[str, Any]

_COLOURS = {"W1A2": "#c8553d", "int8": "#588b8b", "bf16": "#93b7be", "fp32": "#c9c9c9"}
_BAR_INCHES = 0.24
_GAP = 0.6  # of a bar, before those that are restricted to AVX2
_BELOW = (
    "Bars and ms: median of the rounds' medians, for one image; the line spans the rounds. "
    "(x): this time over edgebin's in the same panel;\n"
    "for hatched bars, restricted to AVX2, over that of its AVX2 kernels. "
    "edgebin: 1-bit weights, 2-bit activations. Peers: float baselines of the same networks, in "
    "the precision named."
)


def draw(result: Mapping[str, Any], path: Path) -> None:
    """Write the chart as PNG.

    Args:
        result: as `peers.py` writes it.
        path: of the file to write.

    Raises:
        OSError: the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows: list[Row] = result["results"]
    networks = [name for name in NETWORKS if any(row["network"] == name for row in rows)]
    threads = sorted({row["threads"] for row in rows})
    panels = {(name, n): _panel(rows, name, n) for name in networks for n in threads}
    heights = [max(_height(panels[name, n]) for n in threads) for name in networks]
    width = 0.6 + 5.8 * len(threads)
    tall = 1.2 + sum(_BAR_INCHES * height + 0.7 for height in heights)
    figure = Figure(figsize=(width, tall))
    figure.set_layout_engine("constrained", w_pad=0.1)
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(networks), len(threads), squeeze=False, height_ratios=heights)
    for name, height, line in zip(networks, heights, grid, strict=True):
        for count, axes in zip(threads, line, strict=True):
            _bars(axes, panels[name, count])
            axes.set_ylim(height - 0.5, -0.6)
            side, plural = NETWORKS[name].side, "s" if count > 1 else ""
            title = f"{NETWORKS[name].title}, {side}x{side}, {count} thread{plural}"
            axes.set_title(title, loc="left", fontsize=10)
    machine = result["machine"]["cpu"] or result["machine"]["architecture"]
    figure.suptitle(f"Latency on {machine}, {result['date']}", fontsize=12)
    figure.supxlabel(_BELOW, fontsize=8.5, x=0.01, ha="left", wrap=True)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=110)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda file: file.write(image.getvalue()))


def _panel(rows: Sequence[Row], network: str, threads: int) -> list[Row]:
    """Return the rows of one panel, fastest first; those restricted to AVX2 below the others."""
    found = [row for row in rows if row["network"] == network and row["threads"] == threads]
    return sorted(found, key=lambda row: (_held(row), row["median_ms"]["median"]))


def _held(row: Row) -> bool:
    return bool(row["isa"] == "avx2")


def _height(rows: Sequence[Row]) -> float:
    """Return the height of a panel, in bars."""
    return len(rows) + _GAP * any(map(_held, rows))


def _bars(axes: Any, rows: Sequence[Row]) -> None:
    places = [index + _GAP * _held(row) for index, row in enumerate(rows)]
    longest = max((row["median_ms"]["max"] for row in rows), default=1.0)
    own = {_held(row): row["median_ms"]["median"] for row in rows if row["peer"] == OWN}
    for place, row in zip(places, rows, strict=True):
        time = row["median_ms"]
        axes.barh(
            place,
            time["median"],
            color=_COLOURS[row["precision"]],
            hatch="////" if _held(row) else None,
            edgecolor="white",
            linewidth=0,
            height=0.78,
        )
        axes.plot([time["min"], time["max"]], [place, place], color="#333333", linewidth=1)
        axes.text(time["max"] + 0.012 * longest, place, _beside(row, own), va="center", fontsize=8)
    axes.set_yticks(places, [_label(row) for row in rows], fontsize=8.5)
    for tick, row in zip(axes.get_yticklabels(), rows, strict=True):
        tick.set_fontweight("bold" if row["peer"] == OWN else "normal")
    axes.set_xlim(0, 1.26 * longest)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _beside(row: Row, own: Mapping[bool, float]) -> str:
    """Return the text beside a bar: the time, and its ratio to edgebin's.

    Args:
        row: of the bar.
        own: edgebin's time, by whether it is restricted to AVX2.
    """
    time, base = row["median_ms"]["median"], own.get(_held(row))
    digits = 1 if time >= 10 else 2
    if row["peer"] == OWN or base is None:
        return f"{time:.{digits}f} ms"
    return f"{time:.{digits}f} ms ({time / base:.2f}x)"


def _label(row: Row) -> str:
    return f"{PEERS[row['peer']].title} {row['precision']}{', AVX2' if _held(row) else ''}"
