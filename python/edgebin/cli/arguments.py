"""Arguments and options that several commands share, in one wording."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

ModelArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="MODEL", help="An .ebn file, or the name of a shipped model.")
]
ThreadsOption: TypeAlias = Annotated[int, typer.Option(min=1, help="Worker threads of one run.")]
IsaOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Instruction set; the best that this machine has by default.",
        show_default=False,
    ),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
