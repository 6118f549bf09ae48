"""What a run shows on the terminal: a bar for the whole run, or plain lines where there is none.

It shows numbers and refuses to compute any.
"""

from __future__ import annotations

from types import TracebackType

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

_WINDOW_S = 600.0


class RunDisplay:
    """A context manager around the epochs of a run.

    Args:
        console: where to write; a bar appears if it is a terminal.
        total: optimiser steps of the whole run.
        done: steps that an earlier part of the run did.
    """

    def __init__(self, console: Console, *, total: int, done: int) -> None:
        """Make the bar; nothing is shown yet."""
        self._console = console
        self._progress: Progress | None = None
        self._task = TaskID(0)
        if console.is_terminal:
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=console,
                speed_estimate_period=_WINDOW_S,
            )
            self._task = self._progress.add_task("", total=total, completed=done)

    def __enter__(self) -> RunDisplay:
        """Shows the bar."""
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Takes the bar away."""
        if self._progress is not None:
            self._progress.stop()

    def say(self, line: str) -> None:
        """A line above the bar."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def advance(self, step: int, *, epoch: int, loss: float, accuracy: float) -> None:
        """Moves the bar; nothing where there is none.

        Args:
            step: steps done in the whole run.
            epoch: the current epoch, from 1.
            loss: mean over the current epoch so far.
            accuracy: share of right answers over the current epoch so far, 0..1.
        """
        if self._progress is not None:
            text = f"epoch {epoch}  loss {loss:.3f}  accuracy {accuracy:.1%}"
            self._progress.update(self._task, completed=step, description=text)
