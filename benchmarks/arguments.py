"""Options that benchmarks share."""

from __future__ import annotations

import argparse
import os


def count(text: str) -> int:
    """A number of things, at least one.

    Raises:
        argparse.ArgumentTypeError: it is no such number.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number above 0, found {text!r}")
    return int(text)


def threads(text: str) -> int:
    """A number of threads for which this process has cores: a measurement holds each to its own.

    Raises:
        argparse.ArgumentTypeError: it is no such number.
    """
    number, cores = count(text), _cores()
    if number > cores:
        raise argparse.ArgumentTypeError(f"expected at most {cores}, the cores here, found {text}")
    return number


def usual_threads() -> list[int]:
    """One, and two where there are two cores."""
    return [1, 2] if _cores() > 1 else [1]


def _cores() -> int:
    return len(os.sched_getaffinity(0))
