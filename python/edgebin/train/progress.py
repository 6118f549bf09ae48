"""What a run shows: a bar on a terminal, plain lines in a file, a pipe or a notebook.

The numbers come from the loop; only the time that is left is estimated here, from the steps that
this process has done.
"""

from __future__ import annotations

import os
import time
from types import TracebackType
from typing import Literal

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from edgebin.train.results import EpochResult, StepResult

_WINDOW_S = 600.0
_LINE_EVERY_S = 60.0


def default_console() -> Console:
    """Return a console on standard error, or, in a notebook, on the output below the cell."""
    in_notebook = Console().is_jupyter
    colors: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(stderr=not in_notebook, force_jupyter=False, color_system=colors)


class RunDisplay:
    """A context manager around the epochs of a run.

    Args:
        console: where to write; a bar appears if it is a terminal whose cursor can be moved, else
            a line a minute.
        epochs: epochs of the whole run.
        steps: optimizer steps of the whole run.
        done: steps that an earlier part of the run did.
    """

    def __init__(self, console: Console, *, epochs: int, steps: int, done: int) -> None:
        """Make the bar; nothing is shown yet."""
        self._console = console
        self._epochs, self._steps, self._done = epochs, steps, done
        self._started = self._last_line = time.monotonic()
        self._bar: Progress | None = None
        self._task = TaskID(0)
        if console.is_terminal and not console.is_dumb_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=console,
                speed_estimate_period=_WINDOW_S,
            )
            self._task = self._bar.add_task("", total=steps, completed=done)

    def __enter__(self) -> RunDisplay:
        """Show the bar."""
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()

    def start_clock(self) -> None:
        """Measure the speed of the run from now on, when what comes before the steps is done."""
        self._started = self._last_line = time.monotonic()

    def say(self, line: str) -> None:
        """Print a line, above the bar if there is one."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def seconds_left(self, step: int) -> float | None:
        """Estimate the seconds from a step to the last one; None before the first step."""
        if step <= self._done:
            return None
        return (time.monotonic() - self._started) / (step - self._done) * (self._steps - step)

    def advance(self, result: StepResult) -> None:
        """Move the bar; where there is none, print a line if a minute has passed without one."""
        text = f"epoch {result.epoch}  loss {result.loss:.3f}  accuracy {result.accuracy:.1%}"
        if self._bar is not None:
            self._bar.update(self._task, completed=result.step, description=text)
            return
        now = time.monotonic()
        if now - self._last_line >= _LINE_EVERY_S:
            self._last_line = now
            self.say(
                f"epoch {result.epoch}/{self._epochs}, step {result.step}/{self._steps}: "
                f"loss {result.loss:.4f}, accuracy {result.accuracy:.2%}"
                + left(self.seconds_left(result.step))
            )


def epoch_line(result: EpochResult, epochs: int, seconds_left: float | None) -> str:
    """Return what is printed after an epoch."""
    line = (
        f"epoch {result.epoch}/{epochs}: loss {result.loss:.4f}, accuracy {result.accuracy:.2%}, "
        f"lr {result.lr:.2e}, {result.seconds:.1f} s"
    )
    if result.holdout_accuracy is not None:
        line += f", holdout loss {result.holdout_loss:.4f}, accuracy {result.holdout_accuracy:.2%}"
    return line + left(seconds_left)


def left(seconds: float | None) -> str:
    """Return ", about 5 min left", or nothing where no time is left or known."""
    if not seconds:
        return ""
    return f", about {duration(seconds)} left"


def counted(count: int, noun: str) -> str:
    """Return a count and its noun, in the plural where it is not one."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def duration(seconds: float) -> str:
    """Return a time as a person reads it: "40 s", "12 min", "3 h 20 min"."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min"
