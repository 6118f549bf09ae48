"""`edgebin run`: classifies images, or writes the network's outputs.

An image that cannot be read is reported on standard error (and in the JSON document) while the
others are classified all the same; the exit code is then 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edgebin.cli.outputs import write_outputs
from edgebin.cli.terminal.console import (
    complain,
    console,
    plain,
    print_json,
    print_line,
    print_table,
)
from edgebin.cli.terminal.table import Column
from edgebin.cli.usage.arguments import IsaOption, JsonOption, ModelArgument, ThreadsOption
from edgebin.cli.usage.numbers import whole_number
from edgebin.errors import InputError, ModelFileError, OptionError
from edgebin.runtime.model import Model, load
from edgebin.runtime.prediction import Prediction
from edgebin.runtime.zoo import shipped

_BAR = 20
_COLUMNS = (Column(shrinks=True), Column(right=True), Column())


def run(
    model: ModelArgument,
    images: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="IMAGE...", help="Image files: JPEG, PNG, WebP, TIFF, PPM and more."
        ),
    ] = None,
    top: Annotated[
        int,
        typer.Option(
            metavar="N", parser=whole_number("--top", 1), help="Classes to show for each image."
        ),
    ] = 5,
    as_json: JsonOption = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the network's outputs instead: NAME.npz by name, NAME.npy for one, else "
            "raw float32.",
        ),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="NAME=FILE",
            help="With --output, for each input of the network: FILE.npy, or its raw elements.",
        ),
    ] = None,
    threads: ThreadsOption = 1,
    isa: IsaOption = None,
) -> None:
    """Classify images.

    Prints the most probable classes of each image. An image that cannot be read is reported, the
    others are classified all the same, and the exit code is then 2. With --output, networks of any
    kind are run, and nothing is written unless all images can be read.
    """
    images, inputs = images or [], inputs or []
    if bool(images) == bool(inputs):
        found = "both" if images else "none"
        raise OptionError(f"run: expected IMAGE... or --input, found {found}")
    if output is not None and as_json:
        raise OptionError("--json and --output: expected one of them, found both")
    if output is None and inputs:
        raise OptionError("--input: expected --output FILE, too, found none")
    network = _load(model, images, threads, isa)
    if output is not None:
        write_outputs(network, images, output, inputs=inputs)
        return
    screen = console()
    results: list[dict[str, object]] = []
    failed = False
    for image in images:
        try:
            predictions = network(image, top=top)
        except InputError as error:
            failed = True
            complain(str(error))
            results.append({"image": image, "error": str(error)})
            continue
        if as_json:
            results.append({"image": image, "predictions": [_entry(p) for p in predictions]})
        else:
            _show(screen, image, predictions)
    if as_json:
        print_json({"model": network.name, "isa": network.isa, "results": results})
    if failed:
        raise typer.Exit(2)


def _load(model: str, images: Sequence[str], threads: int, isa: str | None) -> Model:
    try:
        return load(model, threads=threads, isa=isa)
    except ModelFileError:
        swapped = next((image for image in images if _is_model(image)), None)
        if swapped is None or Path(model).suffix == ".ebn":
            raise
        raise OptionError(
            f'run: expected the model first, found "{model}" before "{swapped}"; '
            "usage: edgebin run MODEL IMAGE..."
        ) from None


def _is_model(argument: str) -> bool:
    return argument in shipped() or Path(argument).suffix == ".ebn"


def _entry(prediction: Prediction) -> dict[str, object]:
    return {"label": prediction.label, "index": prediction.index, "score": prediction.score}


def _show(screen: Console, image: str, predictions: list[Prediction]) -> None:
    block = "█" if screen.encoding.startswith("utf") else "#"
    print_line(screen, plain(image), style="bold")
    if not predictions:
        print_line(screen, "  none of the classes")
        return
    rows = [
        (plain(p.label), f"{100 * p.score:.1f} %", block * round(_BAR * p.score))
        for p in predictions
    ]
    print_table(screen, _COLUMNS, rows, indent=2)
