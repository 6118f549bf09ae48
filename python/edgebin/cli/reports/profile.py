"""The profile of `edgebin bench` as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from edgebin.cli.terminal.console import plain, print_table
from edgebin.cli.terminal.table import Column
from edgebin.runtime.profile import Stage

_COLUMNS = (
    Column("step", shrinks=True),
    Column("ops", shrinks=True),
    Column("output", optional=True),
    Column("kernel"),
    Column("ms", right=True),
    Column("GMAC/s", right=True),
    Column("share", right=True),
)


def print_profile(screen: Console, stages: Sequence[Stage]) -> None:
    """Print the profile as a table, with its sum in the last row."""
    total = sum(stage.ms for stage in stages)
    macs = sum(stage.macs for stage in stages)
    rows = [_cells(stage, total) for stage in stages]
    rows.append(("all", "", "", "", f"{total:.4f}", f"{macs / total / 1e6:.1f}", "100.0%"))
    print_table(screen, _COLUMNS, rows)


def _cells(stage: Stage, total: float) -> tuple[str, ...]:
    speed = stage.gmacs_per_second
    return (
        plain(stage.layers[0]),
        " + ".join(stage.ops),
        "x".join(map(str, stage.shape)),
        stage.kernel,
        f"{stage.ms:.4f}",
        "" if speed is None else f"{speed:.1f}",
        f"{stage.ms / total:.1%}",
    )
