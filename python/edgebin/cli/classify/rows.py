"""A result as one line: for people, of JSON, or of CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from edgebin.cli.classify.classify import Embedding, Found, Result
from edgebin.cli.terminal.plain import plain
from edgebin.runtime.prediction import Detection, Detections, Prediction, Segmentation

_CLASS = ("label", "index", "score")
_BOX = ("left", "top", "right", "bottom")


def text_line(result: Result) -> str:
    """Return name, class and score of the best, or "-" where nothing has the least score."""
    if isinstance(result.found, Embedding):
        return f"{plain(result.item.name)}  {numbers_of(result.found)}"
    best = result.found[0] if result.found else None
    answer = "-" if best is None else f"{plain(best.label)}  {100 * best.score:.1f} %"
    return f"{plain(result.item.name)}  {answer}"


def entry_of(prediction: Prediction | Detection) -> dict[str, object]:
    """Return a class or an object as JSON has it."""
    entry = {"label": prediction.label, "index": prediction.index, "score": prediction.score}
    return entry | {"box": list(prediction.box)} if isinstance(prediction, Detection) else entry


def numbers_of(vector: Embedding) -> str:
    """Return the numbers of a vector with six digits."""
    return " ".join(f"{number:.6g}" for number in vector)


def members_of(found: Found) -> dict[str, object]:
    """Return the classes, objects or numbers of an image as members of a JSON object."""
    if isinstance(found, Embedding):
        return {"embedding": list(found)}
    name = "detections" if isinstance(found, Detections) else "predictions"
    name = "segments" if isinstance(found, Segmentation) else name
    return {name: [entry_of(x) for x in found]}


def json_line(result: Result) -> str:
    """Return a JSON object in one line, in ASCII, without its line break."""
    document: dict[str, object] = {"image": result.item.name}
    if result.error:
        document["error"] = result.error
    else:
        document |= members_of(result.found)
    return json.dumps(document, allow_nan=False)


def csv_header(top: int, *, boxes: bool) -> str:
    """Return the names of the columns for so many classes or boxes, without the line break."""
    columns = ["image", "error"]
    for number in range(1, top + 1):
        end = "" if top == 1 else f"_{number}"
        columns += [f"{name}{end}" for name in _CLASS + (_BOX if boxes else ())]
    return _csv_line(columns)


def csv_line(result: Result, top: int, *, boxes: bool) -> str:
    """Return the cells of a result; those of classes or boxes that are not there are empty."""
    cells = [result.item.name, result.error]
    found = [] if isinstance(result.found, Embedding) else result.found[:top]
    for x in found:
        cells += [x.label, str(x.index), repr(x.score)]
        cells += map(repr, x.box) if isinstance(x, Detection) else ()
    columns = len(_CLASS) + (len(_BOX) if boxes else 0)
    return _csv_line(cells + [""] * (2 + columns * top - len(cells)))


def _csv_line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)  # cells with either are quoted
    return text.getvalue().removesuffix("\r\n")
