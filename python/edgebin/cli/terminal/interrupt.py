"""Ctrl-C and SIGTERM end a command in one line that says what is saved, with code 130 or 143.

The process ends at once: no exception passes through the running code, which could swallow it or
print a traceback. That is safe because files are written whole or not at all, at whatever moment a
process dies (tests/soak/kill.py). Processes that a command started end with it
(`edgebin.runtime.measure`). A signal that is ignored stays ignored, as under nohup.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from edgebin.cli.terminal.plain import plain
from edgebin.files.atomic_write import remove_unfinished

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = "\x1b[?25h\n"  # a progress bar hides it


def _nothing() -> str:
    return "nothing was written"


_state: Callable[[], str] = _nothing


def end_on_signals() -> None:
    """Make these signals end the process from now on, for a process that is one command."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def leave_signals() -> None:
    """Ignore these signals from now on: the command is done and its exit code stands."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def when_interrupted(state: Callable[[], str]) -> None:
    """Make the line end in what `state` returns at that moment; for "" no line is printed."""
    global _state
    _state = state


def when_interrupted_of(output: Path) -> None:
    """Make the line say whether this file was written."""
    before = _stamp(output)

    def state() -> str:
        if _stamp(output) != before:
            return f"{output} is written, and whole"
        return f"{output} is {'as it was' if before else 'not written'}"

    when_interrupted(state)


def interrupted_line() -> str:
    """Return the line with its line break, or "" where the command has nothing to say."""
    state = _state()
    return f"edgebin: interrupted; {plain(state)}\n" if state else ""


def _end(number: int, _frame: FrameType | None) -> None:
    leave_signals()
    remove_unfinished()
    with contextlib.suppress(OSError):
        line = interrupted_line()
        os.write(2, ((_SHOW_CURSOR if os.isatty(2) else "") + line).encode(errors="replace"))
    os._exit(128 + number)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns
