"""`edgebin doctor`: shows how this machine stands for running networks, and what to change.

It reads and changes nothing. Advice is no error: the exit code is 0 with and without.
"""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version

from rich.console import Console
from rich.text import Text

from edgebin.cli.arguments import JsonOption
from edgebin.cli.doctor_lines import lines
from edgebin.cli.terminal import console, plain, print_json, table
from edgebin.doctor import Advice, Report, advise, examine


def doctor(as_json: JsonOption = False) -> None:
    """Show what this machine is, what slows it, and what to change.

    Advice is in order of importance. What the machine does not tell is unknown.
    """
    report = examine()
    advice = advise(report)
    if as_json:
        print_json(document(report, advice))
    else:
        show(console(), report, advice)


def document(report: Report, advice: tuple[Advice, ...]) -> dict[str, object]:
    """Return all that the command tells, as JSON holds it."""
    return {
        "edgebin": version("edgebin"),
        **asdict(report),
        "advice": [asdict(one) for one in advice],
    }


def show(screen: Console, report: Report, advice: tuple[Advice, ...]) -> None:
    """Print a report as a person reads it, advice last."""
    _print_rows(screen, lines(report))
    screen.print()
    if not advice:
        screen.print("Nothing to change in what this machine tells.")
    for number, one in enumerate(advice, 1):
        _print_rows(screen, [(f"{number}.", one.text)])
        if one.command:  # in one piece, to be copied
            screen.print(Text(f"    {plain(one.command)}", style="bold"), soft_wrap=True)


def _print_rows(screen: Console, found: list[tuple[str, str]]) -> None:
    rows = table("", "")
    rows.show_header = False
    for label, value in found:
        rows.add_row(label, Text(plain(value)))
    screen.print(rows)
