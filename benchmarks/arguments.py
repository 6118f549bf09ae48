"""Options that benchmarks share, and how they refuse bad ones: in one line, with code 2."""

from __future__ import annotations

import argparse
import importlib.util
import os
from pathlib import Path
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Refuses bad usage as `edgebin` does, without the lines of usage above the error."""

    def error(self, message: str) -> NoReturn:
        """End the process."""
        self.exit(2, f"{Path(self.prog).stem}: error: {' '.join(message.split())}\n")


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


def core(text: str) -> int:
    """The number of a core that this process may run on.

    Raises:
        argparse.ArgumentTypeError: it is no such number.
    """
    usable = sorted(os.sched_getaffinity(0))
    if not text.isdecimal() or int(text) not in usable:
        cores = ", ".join(map(str, usable))
        expected = f"expected a core that this process may run on ({cores})"
        raise argparse.ArgumentTypeError(f"{expected}, found {text!r}")
    return int(text)


def writable_folder(text: str) -> Path:
    """A folder that can be written, or can be made.

    Raises:
        argparse.ArgumentTypeError: it is no such folder, or would lie in none.
    """
    path = Path(os.path.abspath(text))
    there = next(place for place in (path, *path.parents) if os.path.lexists(place))
    if not there.is_dir():
        raise argparse.ArgumentTypeError(f"expected a folder, found a file at {str(there)!r}")
    if not os.access(there, os.W_OK | os.X_OK):
        raise argparse.ArgumentTypeError(f"expected a folder to write to, found {str(there)!r}")
    return Path(text)


def result_file(text: str) -> Path:
    """A file to write or replace; its folder is made where it is missing.

    A measurement takes minutes: what cannot take its result is refused before it.

    Raises:
        argparse.ArgumentTypeError: a folder or device stands there, or it cannot have a folder.
    """
    path = Path(text)
    if os.path.exists(path) and not os.path.isfile(path):
        raise argparse.ArgumentTypeError(f"expected a file, found a folder or device at {text!r}")
    writable_folder(str(path.parent))
    return path


def plot_file(text: str) -> Path:
    """The same for an image, which needs matplotlib.

    Raises:
        argparse.ArgumentTypeError: it cannot be written, or there is nothing to draw it with.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise argparse.ArgumentTypeError("expected matplotlib, found none: pip install '.[plot]'")
    return result_file(text)


def usual_threads() -> list[int]:
    """One, and two where there are two cores."""
    return [1, 2] if _cores() > 1 else [1]


def _cores() -> int:
    return len(os.sched_getaffinity(0))
