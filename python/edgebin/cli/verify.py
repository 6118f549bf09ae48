"""`edgebin verify`: proves that this machine gives the bits that a model file promises.

A machine that does not is no bad input: the exit code is then 1, and one line on standard error
names the first layer that differs.
"""

from __future__ import annotations

from typing import Annotated

import typer

from edgebin.cli.terminal.console import complain, console, counted, plain, print_json, print_line
from edgebin.cli.usage.arguments import JsonOption, ModelArgument, completion
from edgebin.cli.usage.numbers import whole_number
from edgebin.runtime.options import isas
from edgebin.runtime.verify import Check, Difference, Verification
from edgebin.runtime.verify import verify as compare_fingerprint

_DIFFERENT = 1
_DIFFERENCE_KEYS = (
    "layer",
    "ops",
    "value",
    "kernel",
    "isa",
    "threads",
    "image",
    "expected",
    "found",
)


def verify(
    model: ModelArgument,
    as_json: JsonOption = False,
    threads: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number("--threads", 1),
            help="Only this number; by default 1 to one more than the cores.",
        ),
    ] = None,
    isa: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Only this instruction set; by default all.",
            autocompletion=completion(isas),
        ),
    ] = None,
) -> None:
    """Prove that this machine computes a model bit for bit.

    Runs the probe images of the file with every instruction set, conv algorithm and number of
    threads, and compares each layer with what the numpy reference computed when the file was
    written. Exit code 1 says that a layer differs, and names it.
    """
    screen = console()

    def show(check: Check) -> None:
        if not as_json:
            print_line(screen, _line(check))

    result = compare_fingerprint(model, isa=isa, threads=threads, checked=show)
    if as_json:
        print_json(document(result))
    if result.difference is not None:
        complain(f"{model}: {result.difference}")
        raise typer.Exit(_DIFFERENT)
    if not as_json:
        images, ways = counted(result.images, "image"), counted(len(result.checks), "way")
        found = f"bit-exact: {plain(result.model)}, {images} in {ways}"
        print_line(screen, f"{found}, as the numpy reference computed it")


def document(result: Verification) -> dict[str, object]:
    """Return everything that the command shows, as JSON holds it."""
    return {
        "model": result.model,
        "images": result.images,
        "exact": result.exact,
        "checks": [
            {
                "isa": check.isa,
                "conv_algorithm": check.conv_algorithm,
                "threads": check.threads,
                "difference": check.difference and _entry(check.difference),
            }
            for check in result.checks
        ],
    }


def _entry(difference: Difference) -> dict[str, object]:
    return {key: getattr(difference, key) for key in _DIFFERENCE_KEYS}


def _line(check: Check) -> str:
    threads = counted(check.threads, "thread")
    verdict = "bit-exact"
    if check.difference is not None:
        verdict = f"DIFFERENT at {plain(check.difference.layer)}"
    return f"{check.isa:<10}{check.conv_algorithm:<14}{threads:<13}{verdict}"
