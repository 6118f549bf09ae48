"""`edgebin doctor`: shows the state of this machine for running networks, and what to change.

It reads and changes nothing. Advice is no error: the exit code is 0 with and without.
"""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version

from rich.console import Console

from edgebin.cli.reports.doctor import lines
from edgebin.cli.terminal.console import console, plain, print_facts, print_json, print_line
from edgebin.cli.usage.arguments import JsonOption
from edgebin.doctor import Advice, Report, advise, examine

_WATCH_SECONDS = 0.5


def doctor(as_json: JsonOption = False) -> None:
    """Show what this machine is, what slows it, and what to change.

    Advice is in order of importance. A fact that the machine does not report is unknown.
    """
    report = examine(watch_seconds=_WATCH_SECONDS)
    advice = advise(report)
    if as_json:
        print_json(document(report, advice))
    else:
        show(console(), report, advice)


def document(report: Report, advice: tuple[Advice, ...]) -> dict[str, object]:
    """Return everything that the command shows, as JSON holds it."""
    return {
        "edgebin": version("edgebin"),
        **asdict(report),
        "advice": [asdict(item) for item in advice],
    }


def show(screen: Console, report: Report, advice: tuple[Advice, ...]) -> None:
    """Print a report as a person reads it, advice last."""
    print_facts(screen, [(label, plain(text)) for label, text in lines(report)])
    print_line(screen)
    if not advice:
        print_line(screen, "Nothing to change in what this machine reports.")
    for number, item in enumerate(advice, 1):
        print_facts(screen, [(f"{number}.", plain(item.text))])
        if item.command:  # in one piece, to be copied
            print_line(screen, f"    {plain(item.command)}", style="bold")
