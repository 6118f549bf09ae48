"""The results of a refine run and the lines that are printed for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from edgebin.refine.images import RefineImages
from edgebin.train.progress import default_console, left


@dataclass(frozen=True, slots=True)
class LayerResult:
    """The result of a layer in one round.

    Attributes:
        number: from 1, over all rounds.
        round: from 1.
        layer: its name.
        weights: how many signs it has.
        flips: how many of them the candidate changed.
        gain: growth of the target's explained variance; 0.1 is 10 %.
        loss: on the images to judge by, with the new signs, in nats.
        kept: whether the candidate was kept.
        seconds: that the layer took.
    """

    number: int
    round: int
    layer: str
    weights: int
    flips: int
    gain: float
    loss: float
    kept: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class HeadResult:
    """The result of refitting the last layer.

    Attributes:
        layer: its name.
        loss: on the images to judge by, with the best of the new weights, in nats.
        kept: whether they were kept.
        fits: how many fits were judged.
        seconds: that it took.
    """

    layer: str
    loss: float
    kept: bool
    fits: int
    seconds: float


def print_start(images: RefineImages) -> None:
    """Print what is about to happen, on standard error."""
    measured, judging = images.counts()
    print_line(f"refining with {measured:,} images to measure on, {judging:,} to judge by")


def print_layer(results: Sequence[LayerResult], layers: int) -> None:
    """Print the line of the last result, and the time that is left, on standard error.

    Args:
        results: of the layers so far.
        layers: their number in the whole run.
    """
    result = results[-1]
    mean = sum(each.seconds for each in results) / len(results)
    remaining = left(mean * (layers - result.number))
    print_line(f"layer {result.number}/{layers}, {layer_line(result)}{remaining}")


def print_line(line: str, console: Console | None = None) -> None:
    """Print a line; on standard error if there is no console."""
    screen = console if console is not None else default_console()
    screen.print(line, markup=False, highlight=False, soft_wrap=True)


def layer_line(result: LayerResult) -> str:
    """Return what a layer's line says of its result."""
    return (
        f"{result.layer}: {result.flips} of {result.weights} signs flipped, "
        f"gain {result.gain:+.1%}, loss {result.loss:.4f}, {_verdict(result.kept)}, "
        f"{result.seconds:.1f} s"
    )


def head_line(result: HeadResult) -> str:
    """Return the line of a refitted last layer."""
    return f"{result.layer}: refitted, loss {result.loss:.4f}, {_verdict(result.kept)}"


def _verdict(kept: bool) -> str:
    return "kept" if kept else "rejected"
