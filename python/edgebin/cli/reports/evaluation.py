"""What `edgebin eval` shows, as text and as JSON."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console

from edgebin.cli.terminal.console import (
    counted,
    plain,
    print_facts,
    print_line,
    print_table,
)
from edgebin.cli.terminal.table import Column
from edgebin.runtime.evaluate import ClassScore, Evaluation

_SCHEMA, _VERSION = "edgebin.eval", 1
_CLASSES = (
    Column("class", shrinks=True),
    Column("images", right=True),
    Column("precision", right=True),
    Column("recall", right=True),
    Column("F1", right=True),
)
_PAIRS = (
    Column("class", shrinks=True),
    Column("taken for", shrinks=True),
    Column("images", right=True),
)
_MISTAKES = (
    Column("image", shrinks=True),
    Column("class", shrinks=True),
    Column("taken for", shrinks=True),
    Column("score", right=True),
)


def document(name: str, result: Evaluation, version: str) -> dict[str, object]:
    """Return the whole result; shares are fractions of 1."""
    return {
        "schema": _SCHEMA,
        "version": _VERSION,
        "edgebin": version,
        "model": name,
        "data": result.folder,
        "split": result.part or None,
        "images": result.images,
        "skipped": result.skipped,
        "accuracy": result.accuracy,
        "top5": result.top5,
        "ece": result.ece,
        "classes": [asdict(score) for score in result.classes],
        "confusion": result.confusion.tolist(),
        "calibration": [asdict(x) for x in result.bins],
        "worst": [asdict(mistake) for mistake in result.worst],
        "not_in_data": list(result.not_in_data),
        "not_in_model": list(result.not_in_model),
        "left_out": result.left_out,
    }


def print_evaluation(screen: Console, name: str, result: Evaluation) -> None:
    """Print the figures, then a table of classes, pairs and mistakes."""
    print_line(screen, f"{plain(name)} on {plain(result.folder)}", style="bold")
    print_facts(screen, _facts(result))
    print_line(screen)
    print_table(screen, _CLASSES, map(_class_row, result.classes))
    if pairs := result.confused():
        print_line(screen)
        rows = [(plain(label), plain(found), f"{count:,}") for label, found, count in pairs]
        print_table(screen, _PAIRS, rows)
    if result.worst:
        print_line(screen)
        print_table(
            screen,
            _MISTAKES,
            (
                (plain(x.image), plain(x.label), plain(x.found), f"{100 * x.score:.1f} %")
                for x in result.worst
            ),
        )


def _facts(result: Evaluation) -> list[tuple[str, str]]:
    facts = [
        (
            "images",
            f"{result.images:,}" + (f", {result.skipped:,} skipped" if result.skipped else ""),
        ),
        ("accuracy", _percent(result.accuracy)),
        ("top 5", _percent(result.top5)),
        ("scores", f"off by {100 * result.ece:.1f} points on average (ECE)"),
    ]
    if result.not_in_data:
        facts.append(("no images", plain(", ".join(result.not_in_data))))
    if result.not_in_model:
        left_out = f" ({counted(result.left_out, 'image')} left out)"
        facts.append(("unknown", plain(", ".join(result.not_in_model)) + left_out))
    return facts


def _class_row(score: ClassScore) -> tuple[str, ...]:
    shares = (score.precision, score.recall, score.f1)
    return (plain(score.label), f"{score.images:,}", *map(_percent, shares))


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f} %"
