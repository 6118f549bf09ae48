"""`edgebin verify`: proves that this machine gives the bits that a model file promises.

A machine that does not is no bad input: the exit code is then 1, and one line on standard error
names the first layer that differs.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from edgebin.cli.arguments import JsonOption, ModelArgument
from edgebin.cli.terminal import complain, console, plain, print_json
from edgebin.runtime.verify import Check, Difference, Verification
from edgebin.runtime.verify import verify as run_self_test

_DIFFERENT = 1


def verify(
    model: ModelArgument,
    as_json: JsonOption = False,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Only this number; by default 1 to one more than the cores."),
    ] = None,
    isa: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only this instruction set; by default all."),
    ] = None,
) -> None:
    """Prove that this machine computes a model bit for bit, layer by layer.

    Runs the test pictures of the file with every instruction set, product and number of threads,
    and compares each layer with what the numpy reference made when the file was written. Exit code
    1 says that a layer differs, and names it.
    """
    screen = console()

    def show(check: Check) -> None:
        if not as_json:
            screen.print(Text(_line(check)), soft_wrap=True)

    found = run_self_test(model, isa=isa, threads=threads, checked=show)
    if as_json:
        print_json(document(found))
    if found.difference is not None:
        complain(f"{model}: {found.difference}")
        raise typer.Exit(_DIFFERENT)
    if not as_json:
        pictures, ways = _counted(found.pictures, "picture"), _counted(len(found.checks), "way")
        screen.print(Text(f"bit-exact: {plain(found.model)}, {pictures} in {ways}"), soft_wrap=True)


def document(found: Verification) -> dict[str, object]:
    """Return all that the command tells, as JSON holds it."""
    return {
        "model": found.model,
        "pictures": found.pictures,
        "exact": found.exact,
        "checks": [
            {
                "isa": check.isa,
                "product": check.product,
                "threads": check.threads,
                "difference": check.difference and _entry(check.difference),
            }
            for check in found.checks
        ],
    }


def _entry(difference: Difference) -> dict[str, object]:
    return {key: value for key, value in asdict(difference).items() if key != "line"}


def _line(check: Check) -> str:
    threads = _counted(check.threads, "thread")
    verdict = "bit-exact"
    if check.difference is not None:
        verdict = f"DIFFERENT at {plain(check.difference.layer)}"
    return f"{check.isa:<10}{check.product:<12}{threads:<13}{verdict}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
