"""Several results of `edgebin bench` in one table, the reasons of INVALID ones below."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from edgebin.cli.reports.reasons import grouped_reasons
from edgebin.cli.terminal.console import plain, print_facts, print_table
from edgebin.cli.terminal.table import Column
from edgebin.runtime.measure import Result

_COLUMNS = (
    Column("model", shrinks=True),
    Column("isa"),
    Column("threads", right=True),
    Column("median ms", right=True),
    Column("p90", right=True),
    Column("p99", right=True, optional=True),
    Column("iqr", right=True, optional=True),
    Column("images/s", right=True),
    Column("verdict"),
)


def print_results(screen: Console, results: Sequence[Result]) -> None:
    """Print a row for each result, and below them why results are INVALID."""
    print_table(screen, _COLUMNS, map(_cells, results))
    reasons = [plain(text) for text in grouped_reasons([one.reasons for one in results])]
    if reasons:
        print_facts(screen, [("INVALID" if i == 0 else "", text) for i, text in enumerate(reasons)])


def _cells(result: Result) -> tuple[str, ...]:
    latency = result.latency
    times = (f"{latency[name]:.3f}" for name in ("median", "p90", "p99", "iqr"))
    return (
        plain(result.case.model),
        result.first.isa,
        str(result.case.plan.threads),
        *times,
        f"{result.images_per_second:,.0f}",
        "VALID" if result.valid else "INVALID",
    )
