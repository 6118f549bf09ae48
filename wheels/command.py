"""Runs another program and says in one line why it failed.

What the program printed is kept in a log. It refuses to know programs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn


class WheelError(Exception):
    """A wheel cannot be built or tried; the message is one line."""


class Parser(argparse.ArgumentParser):
    """Refuses bad usage as `edgebin` does, in one line and with code 2."""

    def error(self, message: str) -> NoReturn:
        """End the process."""
        self.exit(2, f"{Path(self.prog).stem}: error: {' '.join(message.split())}\n")


def run(
    command: Sequence[str | Path],
    *,
    log: Path,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Return what a program printed to its standard output.

    Args:
        command: the program and its arguments.
        log: file that this and its errors are added to; its folder is made.
        folder: where the program runs.
        environment: variables that it gets beside this process's.

    Raises:
        WheelError: it cannot be started, or ends with a code other than 0.
    """
    words = [str(word) for word in command]
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        ended = subprocess.run(
            words,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd=folder,
            env={**os.environ, **(environment or {})},
        )
    except OSError as error:
        raise WheelError(f"{words[0]}: cannot be started: {error.strerror}") from error
    with log.open("a") as file:
        file.write(f"$ {' '.join(words)}\n{ended.stdout}{ended.stderr}\n")
    if ended.returncode:
        found = f"expected to end with code 0, found {ended.returncode}"
        raise WheelError(
            f"{words[0]}: {found}: {_reason(ended.stderr + ended.stdout)} (all in {log})"
        )
    return ended.stdout


def _reason(said: str) -> str:
    """The first line that names an error, or the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    named = (line for line in lines if "error" in line.lower())
    return next(named, lines[-1] if lines else "it said nothing")
