"""The profile of `edgebin bench` as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from edgebin.cli.terminal.console import plain, print_table
from edgebin.cli.terminal.table import Column
from edgebin.runtime.profile import ProfiledStep

_COLUMNS = (
    Column("step", shrinks=True),
    Column("ops", shrinks=True),
    Column("output", optional=True),
    Column("kernel"),
    Column("ms", right=True),
    Column("GMAC/s", right=True),
    Column("share", right=True),
)


def print_profile(screen: Console, steps: Sequence[ProfiledStep]) -> None:
    """Print the profile as a table, with its sum in the last row."""
    total = sum(step.ms for step in steps)
    macs = sum(step.macs for step in steps)
    rows = [_cells(step, total) for step in steps]
    rows.append(("all", "", "", "", f"{total:.4f}", f"{macs / total / 1e6:.1f}", "100.0%"))
    print_table(screen, _COLUMNS, rows)


def _cells(step: ProfiledStep, total: float) -> tuple[str, ...]:
    speed = step.gmacs_per_second
    return (
        plain(step.layers[0]),
        " + ".join(step.ops),
        "x".join(map(str, step.shape)),
        step.kernel,
        f"{step.ms:.4f}",
        "" if speed is None else f"{speed:.1f}",
        f"{step.ms / total:.1%}",
    )
