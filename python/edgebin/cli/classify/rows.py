"""A result as one line: for people, of JSON, or of CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from edgebin.cli.classify.classify import Result
from edgebin.cli.terminal.plain import plain
from edgebin.runtime.prediction import Prediction


def text_line(result: Result) -> str:
    """Return name, class and score, or "-" where no class has the least score."""
    best = next(iter(result.predictions), None)
    answer = "-" if best is None else f"{plain(best.label)}  {100 * best.score:.1f} %"
    return f"{plain(result.item.name)}  {answer}"


def entry_of(prediction: Prediction) -> dict[str, object]:
    """Return a class as JSON has it."""
    return {"label": prediction.label, "index": prediction.index, "score": prediction.score}


def json_line(result: Result) -> str:
    """Return a JSON object in one line, in ASCII, without its line break."""
    document: dict[str, object] = {"image": result.item.name}
    if result.error:
        document["error"] = result.error
    else:
        document["predictions"] = [entry_of(p) for p in result.predictions]
    return json.dumps(document, allow_nan=False)


def csv_header(top: int) -> str:
    """Return the names of the columns for so many classes, without the line break."""
    columns = ["image", "error"]
    for number in range(1, top + 1):
        end = "" if top == 1 else f"_{number}"
        columns += [f"label{end}", f"index{end}", f"score{end}"]
    return _csv_line(columns)


def csv_line(result: Result, top: int) -> str:
    """Return the cells of a result; those of classes that are not there are empty."""
    cells = [result.item.name, result.error]
    for p in result.predictions:
        cells += [p.label, str(p.index), repr(p.score)]
    return _csv_line(cells + [""] * (2 + 3 * top - len(cells)))


def _csv_line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)  # cells with either are quoted
    return text.getvalue().removesuffix("\r\n")
