"""`edgebin compare`: two documents of bench, or a model beside files of other runtimes."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from edgebin.cli.reports.bench.document import now
from edgebin.cli.reports.compare.documents import pairs_document, print_pairs
from edgebin.cli.reports.compare.runtimes import print_standings, standings_document
from edgebin.cli.terminal.console import console, note, plain, print_json
from edgebin.cli.usage.arguments import JsonOption, ThreadsOption, completion
from edgebin.cli.usage.numbers import positive_number, whole_number
from edgebin.errors import OptionError
from edgebin.runtime.compare.documents import read_document
from edgebin.runtime.compare.interleaved import contestants, measure_interleaved
from edgebin.runtime.compare.pairs import paired
from edgebin.runtime.measure import Plan
from edgebin.runtime.zoo import shipped

_SCHEMA, _VERSION = "edgebin.compare", 1
_ROUNDS = 5
_SECONDS = 0.5


def compare(
    first: Annotated[
        str,
        typer.Argument(
            metavar="FIRST",
            help="A JSON document of bench, or an .ebn file or shipped model.",
            autocompletion=completion(shipped),
        ),
    ],
    others: Annotated[
        list[str],
        typer.Argument(
            metavar="OTHER...",
            help="The other document; or .ebn, .onnx, .tflite and .xml files.",
            autocompletion=completion(shipped),
        ),
    ],
    rounds: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--rounds", 1, 1000),
            help="Measure each file so often, in turn.",
        ),
    ] = _ROUNDS,
    seconds: Annotated[
        float,
        typer.Option(
            metavar="S",
            parser=positive_number("--seconds", 3600),
            help="Least time of each measurement.",
        ),
    ] = _SECONDS,
    threads: ThreadsOption = 1,
    batch: Annotated[
        int,
        typer.Option(
            metavar="N", parser=whole_number("--batch", 1, 4096), help="Images in a call."
        ),
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Compare two measurements, or a model with files of other runtimes.

    Two JSON documents of bench: the ratio of their times, as a whole and by layer, with a 95 %
    interval by bootstrap over rounds. A model and files of ONNX, TensorFlow Lite or OpenVINO: all
    are measured now, in turn and in fresh processes, by ONNX Runtime, OpenVINO and LiteRT where
    they are installed.
    """
    documents = [path for path in (first, *others) if Path(path).suffix == ".json"]
    if not documents:
        plan = Plan(threads=threads, batch=batch, seconds=seconds, cores=threads)
        _compare_runtimes(first, others, plan, rounds, as_json=as_json)
    elif len(documents) == len(others) + 1 == 2:
        _compare_documents(Path(first), Path(others[0]), as_json=as_json)
    else:
        raise OptionError("compare: expected two JSON documents, or models and no document")


def _compare_documents(first: Path, second: Path, *, as_json: bool) -> None:
    pairs = paired(read_document(first), read_document(second))
    if as_json:
        print_json(
            {
                **_head("documents"),
                "first": str(first),
                "second": str(second),
                "pairs": pairs_document(pairs),
            }
        )
    else:
        print_pairs(console(), first, second, pairs)


def _compare_runtimes(
    model: str, others: list[str], plan: Plan, rounds: int, *, as_json: bool
) -> None:
    entered, missing = contestants(model, others)

    def announce(number: int) -> None:
        note(plain(f"round {number} of {rounds}: {len(entered)} measurements"))

    standings = measure_interleaved(entered, plan, rounds, announce)
    if as_json:
        print_json(
            {
                **_head("runtimes"),
                "date": now(),
                "threads": plan.threads,
                "batch": plan.batch,
                "rounds": rounds,
                "seconds": plan.seconds,
                "results": standings_document(standings),
                "missing": missing,
            }
        )
    else:
        print_standings(console(), standings, missing)


def _head(kind: str) -> dict[str, object]:
    return {
        "schema": _SCHEMA,
        "version": _VERSION,
        "kind": kind,
        "edgebin": version("edgebin"),
    }
