"""Classifies, or finds objects in, any number of images: folders, patterns, lists, shares of them.

Nothing is kept of an image once its line is written, so that memory does not grow with their
number. An image that cannot be read costs one line on standard error.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from edgebin.cli.classify.classify import Classifier, Result
from edgebin.cli.classify.result_file import ResultFile, check_results_name
from edgebin.cli.classify.rows import csv_header, csv_line, json_line
from edgebin.cli.classify.sources import Item, check_sources, items_of
from edgebin.cli.classify.standard_input import read_standard_input
from edgebin.cli.terminal.console import complain, note
from edgebin.cli.terminal.interrupt import when_interrupted
from edgebin.cli.terminal.rate import Rate
from edgebin.errors import OptionError
from edgebin.files.listing import folder_of_pattern, is_pattern
from edgebin.runtime.in_order import in_order
from edgebin.runtime.model import Model

Show = Callable[[Result], None]
"""Prints a result."""


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """Options of `edgebin run` that classify more than named files.

    Attributes:
        top: classes or boxes for each image, at most.
        min_score: the least score that one needs.
        recursive: take images of folders inside folders too.
        workers: images that are worked on at once.
        shard: number, from 1, and count of shares; None takes all images.
        as_json: print a JSON object a line.
        as_csv: print CSV.
        save: a folder for images with their classes.
        results: a file for the results, in place of standard output.
        resume: go on with that file.
    """

    top: int
    min_score: float | None = None
    recursive: bool = True
    workers: int = 1
    shard: tuple[int, int] | None = None
    as_json: bool = False
    as_csv: bool = False
    save: Path | None = None
    results: Path | None = None
    resume: bool = False

    @property
    def are_for_many(self) -> bool:
        """Whether an option is given that named files alone never needed."""
        return replace(self, top=1, as_json=False) != StreamOptions(top=1)

    @property
    def are_csv(self) -> bool:
        """Whether results are CSV, whose lines have a fixed number of cells."""
        return self.as_csv or (self.results is not None and self.results.suffix.lower() == ".csv")

    def check(self) -> None:
        """Raise OptionError for options that exclude each other."""
        kinds = {"--json": self.as_json, "--csv": self.as_csv, "--results": self.results}
        chosen = [name for name, value in kinds.items() if value]
        if len(chosen) > 1:
            raise OptionError(f"{chosen[0]} and {chosen[1]}: expected one of them, found both")
        if self.resume and self.results is None:
            raise OptionError("--resume: expected --results, the file to go on with, found none")
        if self.results is not None:
            check_results_name(self.results)


def run_stream(model: Model, images: Sequence[str], options: StreamOptions, show: Show) -> int:
    """Classify what the arguments stand for.

    Args:
        model: gives classes or boxes.
        images: files, folders, patterns and "-".
        options: that `check` accepted.
        show: prints a result for people.

    Returns:
        How many images and folders could not be read.

    Raises:
        InputError: the network gives neither, or a folder or a pattern has no image.
        OptionError: a URL, or a file that cannot be written.
    """
    check_sources(images, recursive=options.recursive)
    boxes = model.task.kind == "detect"
    model(np.zeros((1, 1, 3), np.uint8), top=1)  # refuses a network that gives neither
    rate, unreadable = Rate(), _Unreadable()
    items = _share(
        items_of(
            images,
            recursive=options.recursive,
            standard_input=read_standard_input,
            unreadable=unreadable.report,
        ),
        options.shard,
    )
    earlier = 0
    with ExitStack() as stack:
        saved, draw = None, None
        if options.save is not None:
            from edgebin.cli.classify.labelled import LabelledFolder, labelled  # needs Pillow

            draw = labelled
            saved = LabelledFolder(options.save, _folders_in(images), resume=options.resume)
        write: Show = _printer(options, show, boxes=boxes)
        if options.results is not None:
            file = ResultFile(options.results, options.top, boxes=boxes, resume=options.resume)
            stack.enter_context(file)
            when_interrupted(partial(_state, options.results))
            earlier = _passed_over(file, items)
            write = file.write
        classifier = Classifier(model, options.top, options.min_score or 0.0, draw)
        for result in in_order(classifier, items, options.workers):
            rate.count(skipped=bool(result.error))
            if result.error:
                rate.clear()
                complain(result.error)
            elif saved is not None and result.drawn is not None:
                saved.save(result.item.place, result.drawn)
            write(result)
    rate.clear()
    note(rate.line())
    return earlier + rate.skipped + unreadable.count


class _Unreadable:
    """Counts and reports folders that cannot be read."""

    def __init__(self) -> None:
        self.count = 0

    def report(self, error: OSError) -> None:
        self.count += 1
        complain(f'folder "{error.filename}": {error.strerror}')


def _share(items: Iterator[Item], shard: tuple[int, int] | None) -> Iterator[Item]:
    """Return every n-th image from the i-th on."""
    return items if shard is None else itertools.islice(items, shard[0] - 1, None, shard[1])


def _folders_in(images: Sequence[str]) -> list[str]:
    """Return the folders that images are taken from."""
    return [path for path in images if os.path.isdir(path)] + [
        folder_of_pattern(pattern) for pattern in images if is_pattern(pattern)
    ]


def _printer(options: StreamOptions, show: Show, *, boxes: bool) -> Show:
    """Return what prints a result on standard output; CSV begins with a header."""
    if options.as_csv:
        print(csv_header(options.top, boxes=boxes))
        return lambda result: print(csv_line(result, options.top, boxes=boxes))
    if options.as_json:
        return lambda result: print(json_line(result))

    def show_readable(result: Result) -> None:
        if not result.error:
            show(result)

    return show_readable


def _passed_over(file: ResultFile, items: Iterator[Item]) -> int:
    """Take the images that a file has from `items`; return how many of them were not readable.

    Raises:
        OptionError: the file has other images, or in another order.
    """
    skipped = 0
    for number, (name, readable) in enumerate(file.finished(), 1):
        item = next(items, None)
        if item is None or item.name != name:
            found = "no more" if item is None else f'"{item.name}"'
            raise OptionError(
                f'--resume: "{file.path}": expected "{name}" as image {number}, found {found}; '
                "what works: the same images and options as before"
            )
        skipped += not readable
    return skipped


def _state(path: Path) -> str:
    return f"{path} has the images up to here; --resume goes on with it"
