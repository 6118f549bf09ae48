"""Two documents of `edgebin bench` side by side, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from edgebin.cli.reports.compare.ratios import interval, outcome, ratio_entry
from edgebin.cli.terminal.console import plain, print_facts, print_line, print_table
from edgebin.cli.terminal.table import Column
from edgebin.runtime.compare.bootstrap import MIN_ROUNDS, Samples
from edgebin.runtime.compare.pairs import LayerPair, Pair

_RESULTS = (
    Column("model", shrinks=True),
    Column("isa"),
    Column("threads", right=True, optional=True),
    Column("A ms", right=True),
    Column("B ms", right=True),
    Column("B/A", right=True),
    Column("95% interval", right=True),
)
_LAYERS = (
    Column("layer", shrinks=True),
    Column("A ms", right=True),
    Column("B ms", right=True),
    Column("B/A", right=True),
    Column("95% interval", right=True),
)


def print_pairs(screen: Console, first: Path, second: Path, pairs: Sequence[Pair]) -> None:
    """Print the ratios of all pairs, what they rest on, and the layers of those with profiles."""
    print_facts(screen, [("A", plain(str(first))), ("B", plain(str(second)))])
    print_table(screen, _RESULTS, map(_cells, pairs))
    for pair in pairs:
        print_facts(screen, [(label, plain(text)) for label, text in _facts(pair)])
        if pair.layers:
            print_line(screen)
            print_table(screen, _LAYERS, map(_layer_cells, pair.layers))


def pairs_document(pairs: Sequence[Pair]) -> list[dict[str, object]]:
    """Return the pairs as JSON holds them."""
    return [
        {
            "model": pair.first.model,
            "isa": pair.first.isa,
            "threads": pair.first.threads,
            "batch": pair.first.batch,
            "streams": pair.first.streams,
            "first_ms": pair.first_samples.mean,
            "second_ms": pair.second_samples.mean,
            "first_samples": asdict(pair.first_samples),
            "second_samples": asdict(pair.second_samples),
            "ratio": ratio_entry(pair.ratio),
            "valid": pair.valid,
            "differences": list(pair.differences),
            "layers": [
                {
                    "layer": one.layer,
                    "first_ms": one.first_ms,
                    "second_ms": one.second_ms,
                    "ratio": ratio_entry(one.ratio),
                }
                for one in pair.layers
            ],
        }
        for pair in pairs
    ]


def _cells(pair: Pair) -> tuple[str, ...]:
    return (
        plain(pair.first.model),
        pair.first.isa,
        str(pair.first.threads),
        f"{pair.first_samples.mean:.4f}",
        f"{pair.second_samples.mean:.4f}",
        f"{pair.ratio.value:.3f}",
        interval(pair.ratio),
    )


def _layer_cells(one: LayerPair) -> tuple[str, ...]:
    return (
        plain(one.layer),
        f"{one.first_ms:.4f}",
        f"{one.second_ms:.4f}",
        f"{one.ratio.value:.3f}",
        interval(one.ratio),
    )


def _facts(pair: Pair) -> list[tuple[str, str]]:
    lines = [
        ("result", outcome(pair.ratio, "B", "A")),
        ("from", f"A {_basis(pair.first_samples)}; B {_basis(pair.second_samples)}"),
    ]
    if pair.differences:
        lines.append(("differs", "; ".join(pair.differences)))
    for name, one in (("A", pair.first), ("B", pair.second)):
        if not one.valid:
            lines.append(("INVALID", f"{name}: {'; '.join(one.reasons) or 'no reason is given'}"))
    return lines


def _basis(samples: Samples) -> str:
    """Return what the interval of one side was drawn from."""
    if samples.kind == "rounds":
        return f"the medians of {len(samples.ms)} rounds"
    return (
        f"the medians of {len(samples.ms)} blocks of calls, which miss what differs between "
        f"processes (bench --rounds {MIN_ROUNDS + 2})"
    )
