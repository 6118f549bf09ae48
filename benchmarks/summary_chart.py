"""Draws the chart of the README: edgebin beside the fastest int8 and float peers, one thread.

    python benchmarks/summary_chart.py [RESULT.json] [--output FILE.png]

RESULT.json is a result of `peers.py`. A peer counts with the fastest of its settings that are not
restricted to AVX2. Needs `pip install '.[plot]'`.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from arguments import Parser, plot_file
from edgebin.errors import EdgebinError
from result_files import write_contents
from runtimes import PEERS
from speed.comparison import OWN
from suite import NETWORKS

Row = Mapping[str, Any]

FLOATS = ("fp32", "bf16")
_COLOURS = {OWN: "#c8553d", "int8": "#588b8b", "float": "#c9c9c9"}
_INCHES = (9.6, 3.9)


def main() -> int:
    """Draw; return the exit code."""
    parser = Parser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("result", nargs="?", type=Path, default="benchmarks/results/peers.json")
    parser.add_argument("--output", type=plot_file, default="benchmarks/results/summary.png")
    arguments = parser.parse_args()
    try:
        write_contents(draw(_result(arguments.result)), arguments.output)
    except EdgebinError as error:
        print(f"summary_chart: error: {error}", file=sys.stderr)
        return 2
    return 0


def fastest(rows: Sequence[Row], network: str) -> dict[str, Row]:
    """Return the fastest row of edgebin, of the int8 peers and of the float peers, by kind.

    Args:
        rows: results of `peers.py`.
        network: a key of `suite.NETWORKS`.
    """
    found: dict[str, Row] = {}
    for row in rows:
        if (row["network"], row["threads"], row["isa"]) != (network, 1, "default"):
            continue
        kind = OWN if row["peer"] == OWN else "float" if row["precision"] in FLOATS else "int8"
        if kind not in found or _median(row) < _median(found[kind]):
            found[kind] = row
    return {kind: found[kind] for kind in _COLOURS if kind in found}


def draw(result: Mapping[str, Any]) -> bytes:
    """Return the chart as a PNG file.

    Args:
        result: as `peers.py` writes it.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES)
    figure.set_layout_engine("constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(2, 2).ravel()
    for axes, (name, network) in zip(panels, NETWORKS.items(), strict=True):
        _bars(axes, fastest(result["results"], name))
        axes.set_title(f"{network.title}, {network.side}x{network.side}", loc="left", fontsize=10)
    machine = result["machine"]["cpu"] or result["machine"]["architecture"]
    title = f"Milliseconds per image, one thread of an {machine}, {result['date']}"
    figure.suptitle(title, fontsize=11, x=0.01, ha="left")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=130)
    return file.getvalue()


def _bars(axes: Any, rows: Mapping[str, Row]) -> None:
    longest = max(_median(row) for row in rows.values())
    base = _median(rows[OWN])
    for place, (kind, row) in enumerate(rows.items()):
        time = _median(row)
        ratio = "" if kind == OWN else f"  ({time / base:.1f}x)"
        axes.barh(place, time, color=_COLOURS[kind], height=0.72)
        axes.text(time + 0.015 * longest, place, f"{time:.2f} ms{ratio}", va="center", fontsize=9)
    names = [f"{PEERS[row['peer']].title} {row['precision']}" for row in rows.values()]
    axes.set_yticks(range(len(rows)), names, fontsize=9)
    axes.get_yticklabels()[0].set_fontweight("bold")
    axes.invert_yaxis()
    axes.set_xlim(0, 1.4 * longest)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def _median(row: Row) -> float:
    return float(row["median_ms"]["median"])


def _result(path: Path) -> Mapping[str, Any]:
    try:
        result: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if all(OWN in fastest(result["results"], name) for name in NETWORKS):
            return result
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EdgebinError(f"{path}: expected a result of peers.py, found: {error!r}") from None
    raise EdgebinError(f"{path}: expected edgebin on every network, found others")


if __name__ == "__main__":
    sys.exit(main())
