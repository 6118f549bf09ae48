"""`edgebin run`: classifies images, finds objects in them, or writes the network's outputs.

An image that cannot be read is reported on standard error (and in the JSON document) while the
others are classified all the same. Named files are one document and exit code 2 then, as in 0.1;
folders, patterns, lists and the options that are for many images are a line an image and exit
code 1 (`classify/`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edgebin.cli.classify.classify import Embedding, Found, Result, interpret
from edgebin.cli.classify.rows import members_of, numbers_of, text_line
from edgebin.cli.classify.sources import is_plain_file
from edgebin.cli.classify.stream import StreamOptions, run_stream
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
from edgebin.cli.usage.arguments import IsaOption, ModelArgument, ThreadsOption
from edgebin.cli.usage.numbers import positive_number, share, whole_number
from edgebin.errors import InputError, ModelFileError, OptionError
from edgebin.runtime.model import Model, load
from edgebin.runtime.prediction import Detection, Detections
from edgebin.runtime.zoo import shipped

_BAR = 20
_CLASSES = 5
_COLUMNS = (Column(shrinks=True), Column(right=True), Column())
_BOX_COLUMNS = (Column(shrinks=True), *[Column(right=True)] * 5)


def run(
    model: ModelArgument,
    images: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="IMAGE...",
            help="Image files (JPEG, PNG, WebP, TIFF, PPM and more), folders, quoted patterns such "
            "as 'photos/**/*.jpg', or - for an image or a list of names on standard input.",
        ),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number("--top", 1),
            help="Classes to show for each image, by default 5; or objects, by default all, in "
            "CSV 5.",
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON document; of many images a line for each."),
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a line of CSV an image.")] = False,
    min_score: Annotated[
        float | None,
        typer.Option(
            metavar="SCORE",
            parser=positive_number("--min-score", 1),
            help="Leave out what has a lower score, such as 0.5.",
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Save the images with what was found drawn."),
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write NAME.jsonl or NAME.csv, a line an image."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the file of --results.")
    ] = False,
    recursive: Annotated[
        bool,
        typer.Option("--recursive/--no-recursive", help="Read folders inside folders too."),
    ] = True,
    workers: Annotated[
        int,
        typer.Option(
            metavar="N", parser=whole_number("--workers", 1, 256), help="Images at the same time."
        ),
    ] = 1,
    shard: Annotated[
        str | None,
        typer.Option(metavar="I/N", help="Take every N-th image only, from the I-th on."),
    ] = None,
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
    """Classify images, or find the objects in them.

    Prints the most probable classes of each image, or what a detector finds, with the edges of its
    box (left, top, right, bottom) in pixels, or the share of pixels of each class, or the vector of
    a network that embeds, as the task of the model is. An image that cannot be read is reported,
    the others are classified all the same, and the exit code is then 2, or 1 where images come from
    folders, patterns or lists. With --output, networks of any kind are run, and nothing is written
    unless all images can be read.
    """
    images, inputs = images or [], inputs or []
    if bool(images) == bool(inputs):
        found = "both" if images else "none"
        raise OptionError(f"run: expected IMAGE... or --input, found {found}")
    if output is not None and as_json:
        raise OptionError("--json and --output: expected one of them, found both")
    if output is None and inputs:
        raise OptionError("--input: expected --output FILE, too, found none")
    options = StreamOptions(
        top=_CLASSES if top is None else top,
        min_score=min_score,
        recursive=recursive,
        workers=workers,
        shard=None if shard is None else share(shard),
        as_json=as_json,
        as_csv=as_csv,
        save=save,
        results=results,
        resume=resume,
    )
    options.check()
    is_stream = options.are_for_many or not all(map(is_plain_file, images))
    if output is not None and is_stream:
        raise OptionError("--output: expected image files and no option for many images")
    network = _load(model, images, threads, isa)
    if output is not None:
        write_outputs(network, images, output, inputs=inputs)
        return
    if network.task.kind == "embed":
        _check_for_vectors(options)
    if top is None and not options.are_csv and (rule := network.task.detect) is not None:
        options = replace(options, top=rule.max_boxes)
    if is_stream:
        screen = console()
        if run_stream(network, images, options, partial(_show_result, screen, top == 1)):
            raise typer.Exit(1)
    else:
        _run_files(network, images, options.top, as_json=as_json)


def _run_files(network: Model, images: Sequence[str], top: int, *, as_json: bool) -> None:
    """Classify named files; all results are in one JSON document."""
    screen = console()
    results: list[dict[str, object]] = []
    failed = False
    for image in images:
        try:
            found = interpret(network, image, top)
        except InputError as error:
            failed = True
            complain(str(error))
            results.append({"image": image, "error": str(error)})
            continue
        if as_json:
            results.append({"image": image} | members_of(found))
        else:
            _show(screen, image, found)
    if as_json:
        print_json({"model": network.name, "isa": network.isa, "results": results})
    if failed:
        raise typer.Exit(2)


def _check_for_vectors(options: StreamOptions) -> None:
    """Raise OptionError for options that are of classes and boxes alone."""
    given = {"CSV": options.are_csv, "--save": options.save, "--min-score": options.min_score}
    for name, value in given.items():
        if value:
            raise OptionError(
                f"run: expected lines or JSON of a network that embeds, found {name}; "
                "what works: --json, --results NAME.jsonl, --output NAME.npy"
            )


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


def _show_result(screen: Console, in_one_line: bool, result: Result) -> None:
    if in_one_line:
        print_line(screen, text_line(result))
    elif result.found:
        _show(screen, result.item.name, result.found)
    else:
        print_line(screen, plain(result.item.name), style="bold")
        print_line(screen, "  -")


def _show(screen: Console, image: str, found: Found) -> None:
    print_line(screen, plain(image), style="bold")
    if isinstance(found, Embedding):
        print_line(screen, f"  {numbers_of(found)}")
        return
    boxes = isinstance(found, Detections)
    if not found:
        print_line(screen, "  nothing found" if boxes else "  none of the classes")
        return
    block = "█" if screen.encoding.startswith("utf") else "#"
    rows = []
    for x in found:
        rest: tuple[str, ...] = (block * round(_BAR * x.score),)
        if isinstance(x, Detection):
            rest = tuple(f"{edge:.1f}" for edge in x.box)
        rows.append((plain(x.label), f"{100 * x.score:.1f} %", *rest))
    print_table(screen, _BOX_COLUMNS if boxes else _COLUMNS, rows, indent=2)
