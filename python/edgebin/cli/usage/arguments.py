"""Arguments and options that several commands share, in one wording."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from edgebin.cli.usage.numbers import whole_number
from edgebin.runtime.zoo import shipped


def _shipped_names(incomplete: str) -> list[str]:
    return [name for name in shipped() if name.startswith(incomplete)]


ModelArgument: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="An .ebn file, or the name of a shipped model.",
        autocompletion=_shipped_names,
    ),
]
ModelsArgument: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="MODEL...",
        help=".ebn files, or names of shipped models.",
        autocompletion=_shipped_names,
    ),
]
ThreadsOption: TypeAlias = Annotated[
    int,
    typer.Option(
        metavar="N", parser=whole_number("--threads", 1), help="Threads that one run uses."
    ),
]
IsaOption: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Instruction set; by default the best of this machine."),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
