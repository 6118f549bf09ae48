"""`edgebin run`: classifies pictures.

A picture that cannot be read is reported on standard error (and in the JSON document) while the
others are classified all the same; the exit code is then 2.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from edgebin.cli.arguments import IsaOption, JsonOption, ModelArgument, ThreadsOption
from edgebin.cli.terminal import complain, console, plain, print_json, table
from edgebin.errors import InputError
from edgebin.runtime.model import load
from edgebin.runtime.prediction import Prediction

_BAR = 20


def run(
    model: ModelArgument,
    pictures: Annotated[list[str], typer.Argument(metavar="PICTURE...", help="Picture files.")],
    top: Annotated[int, typer.Option(min=1, help="Classes to show for each picture.")] = 5,
    as_json: JsonOption = False,
    threads: ThreadsOption = 1,
    isa: IsaOption = None,
) -> None:
    """Classify pictures."""
    network = load(model, threads=threads, isa=isa)
    screen = console()
    results: list[dict[str, object]] = []
    failed = False
    for picture in pictures:
        try:
            predictions = network(picture, top=top)
        except InputError as error:
            failed = True
            complain(str(error))
            results.append({"picture": picture, "error": str(error)})
            continue
        if as_json:
            results.append({"picture": picture, "predictions": [_entry(p) for p in predictions]})
        else:
            _show(screen, picture, predictions)
    if as_json:
        print_json({"model": network.name, "isa": network.isa, "results": results})
    if failed:
        raise typer.Exit(2)


def _entry(prediction: Prediction) -> dict[str, object]:
    return {"label": prediction.label, "index": prediction.index, "score": prediction.score}


def _show(screen: Console, picture: str, predictions: list[Prediction]) -> None:
    block = "█" if screen.encoding.startswith("utf") else "#"
    rows = table("", "", "", right=frozenset())
    rows.show_header = False
    for prediction in predictions:
        rows.add_row(
            Text("  " + plain(prediction.label)),
            Text(f"{100 * prediction.score:5.1f} %"),
            Text(block * round(_BAR * prediction.score)),
        )
    screen.print(Text(plain(picture), style="bold"), soft_wrap=True)
    screen.print(rows)
