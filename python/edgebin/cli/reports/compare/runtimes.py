"""A model beside files of other runtimes, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console

from edgebin.cli.reports.compare.ratios import interval, outcome, ratio_entry
from edgebin.cli.reports.reasons import grouped_reasons
from edgebin.cli.terminal.console import plain, print_facts, print_table
from edgebin.cli.terminal.table import Column
from edgebin.runtime.compare.interleaved import Standing
from edgebin.runtime.compare.peers import PEERS

_COLUMNS = (
    Column("model", shrinks=True),
    Column("runtime"),
    Column("ms", right=True),
    Column("p90", right=True, optional=True),
    Column("ratio", right=True),
    Column("95% interval", right=True),
    Column("verdict"),
)


def print_standings(screen: Console, standings: Sequence[Standing], missing: list[str]) -> None:
    """Print a row for each contestant; ratios are times over those of the first one."""
    first = standings[0]
    measured = [one for one in standings if not one.failure]
    print_table(screen, _COLUMNS, [_cells(one, first) for one in measured])
    lines: list[tuple[str, str]] = [
        ("result", outcome(one.over(first), _name(one), _name(first))) for one in measured[1:]
    ]
    lines += [("input", f"{_name(one)}: {one.inputs}") for one in measured if one.inputs]
    invalid = grouped_reasons([one.reasons.values() for one in measured])
    lines += [("" if number else "INVALID", text) for number, text in enumerate(invalid)]
    lines += [("failed", f"{_name(one)}: {one.failure}") for one in standings if one.failure]
    lines += [("missing", line) for line in missing]
    if lines:
        print_facts(screen, [(label, plain(text)) for label, text in lines])


def standings_document(standings: Sequence[Standing]) -> list[dict[str, object]]:
    """Return the contestants as JSON holds them."""
    first = standings[0]
    return [
        {
            "model": one.contestant.name,
            "runtime": one.contestant.title,
            "runtime_version": _version(one),
            "rounds_median_ms": one.medians,
            "rounds_p90_ms": one.p90,
            "ratio": None if one.failure else ratio_entry(one.over(first)),
            "valid": not one.reasons and not one.failure,
            "reasons": [asdict(reason) for reason in one.reasons.values()],
            "inputs": one.inputs or None,
            "failure": one.failure or None,
        }
        for one in standings
    ]


def _cells(one: Standing, first: Standing) -> tuple[str, ...]:
    of = one.over(first)
    return (
        plain(one.contestant.name),
        one.contestant.title,
        f"{one.samples.mean:.3f}",
        f"{sum(one.p90) / len(one.p90):.3f}",
        "1" if one is first else f"{of.value:.2f}",
        "" if one is first else interval(of),
        "INVALID" if one.reasons else "VALID",
    )


def _name(one: Standing) -> str:
    return f"{one.contestant.name} ({one.contestant.title})"


def _version(one: Standing) -> str | None:
    runtime = one.contestant.runtime
    try:
        return version(PEERS[runtime].package if runtime in PEERS else runtime)
    except PackageNotFoundError:
        return None
