"""Options that benchmarks and experiments share; bad values end in one line and code 2."""

from __future__ import annotations

import argparse
import importlib.util
import os
from pathlib import Path
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Reports bad usage as `edgebin` does, without the usage lines above the error."""

    def error(self, message: str) -> NoReturn:
        """Print the error and end the process."""
        self.exit(2, f"{Path(self.prog).stem}: error: {' '.join(message.split())}\n")


def count(text: str) -> int:
    """Parse a number of things, at least one.

    Raises:
        argparse.ArgumentTypeError: it is not such a number.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number above 0, found {text!r}")
    return int(text)


def threads(text: str) -> int:
    """Parse a number of threads, at most one per core: a measurement restricts each to its own.

    Raises:
        argparse.ArgumentTypeError: it is not such a number.
    """
    number, cores = count(text), _cores()
    if number > cores:
        raise argparse.ArgumentTypeError(f"expected at most {cores}, the cores here, found {text}")
    return number


def core(text: str) -> int:
    """Parse the number of a core that this process may run on.

    Raises:
        argparse.ArgumentTypeError: it is not such a number.
    """
    usable = sorted(os.sched_getaffinity(0))
    if not text.isdecimal() or int(text) not in usable:
        cores = ", ".join(map(str, usable))
        expected = f"expected a core that this process may run on ({cores})"
        raise argparse.ArgumentTypeError(f"{expected}, found {text!r}")
    return int(text)


def writable_folder(text: str) -> Path:
    """Parse a folder that can be written, or can be made.

    Raises:
        argparse.ArgumentTypeError: it is not such a folder, or its parent is not.
    """
    path = Path(os.path.abspath(text))
    existing = next(folder for folder in (path, *path.parents) if os.path.lexists(folder))
    if not existing.is_dir():
        raise argparse.ArgumentTypeError(f"expected a folder, found a file at {str(existing)!r}")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise argparse.ArgumentTypeError(f"expected a folder to write to, found {str(existing)!r}")
    return Path(text)


def result_file(text: str) -> Path:
    """Parse a file to write or replace; its folder is made later if it is missing.

    A measurement takes minutes: a path that cannot take its result is an error before it.

    Raises:
        argparse.ArgumentTypeError: it is a folder or device, or its folder cannot be made.
    """
    path = Path(text)
    if os.path.exists(path) and not os.path.isfile(path):
        raise argparse.ArgumentTypeError(f"expected a file, found a folder or device at {text!r}")
    writable_folder(str(path.parent))
    return path


def plot_file(text: str) -> Path:
    """Parse the file of a chart, which needs matplotlib.

    Raises:
        argparse.ArgumentTypeError: it cannot be written, or matplotlib is missing.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise argparse.ArgumentTypeError("expected matplotlib, found none: pip install '.[plot]'")
    return result_file(text)


def usual_threads() -> list[int]:
    """Return one, and two if there are two cores."""
    return [1, 2] if _cores() > 1 else [1]


def _cores() -> int:
    return len(os.sched_getaffinity(0))
