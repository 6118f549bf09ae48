"""Arguments and options that several commands share, in one wording."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, TypeAlias

import typer

from edgebin.cli.usage.numbers import whole_number
from edgebin.runtime.options import isas
from edgebin.runtime.zoo import shipped


def completion(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Return what completes a word in the shell to one of these names."""

    def complete(incomplete: str) -> list[str]:
        return [name for name in names() if name.startswith(incomplete)]

    return complete


ModelArgument: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="An .ebn file, or the name of a shipped model.",
        autocompletion=completion(shipped),
    ),
]
ModelsArgument: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="MODEL...",
        help=".ebn files, or names of shipped models.",
        autocompletion=completion(shipped),
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
    typer.Option(
        metavar="NAME",
        help="Instruction set; by default the best of this machine.",
        autocompletion=completion(isas),
    ),
]
DeviceOption: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="cpu or cuda.", autocompletion=completion(lambda: ("cpu", "cuda"))
    ),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
