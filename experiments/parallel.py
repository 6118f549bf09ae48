"""Runs commands that depend on one another, a given number of them in parallel.

A command starts when all that it depends on have succeeded. After a failure or Ctrl-C no further
command starts: after a failure, running commands are waited for; after Ctrl-C they are ended.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence

_LOOK_SECONDS = 0.05
_GRACE_SECONDS = 5.0  # that an interrupted command has to end by itself

# Starts the command of that name; returns None if there is nothing to do.
Start = Callable[[str], "subprocess.Popen[bytes] | None"]


class FailedError(Exception):
    """A command failed; its name and exit code are the arguments."""


def completed(needs: Mapping[str, Sequence[str]], start: Start, jobs: int) -> Generator[str]:
    """Yield each name when its command has succeeded.

    Args:
        needs: for each name, the names that it depends on, which come before it.
        start: called once for each name, after the commands that it depends on.
        jobs: number of commands in parallel.

    Raises:
        FailedError: a command ended with a code other than 0. The commands in parallel with it have
            ended too, as they have after an exception in `start`.
        KeyboardInterrupt: passed on; no command is running any more.
    """
    waiting, done = list(needs), set[str]()
    running: dict[str, subprocess.Popen[bytes]] = {}
    failed: tuple[str, int] | None = None
    try:
        while waiting or running:
            ready = next((name for name in waiting if done.issuperset(needs[name])), None)
            if ready is not None and len(running) < jobs:
                waiting.remove(ready)
                process = start(ready)
                if process is not None:
                    running[ready] = process
                    continue
                name, code = ready, 0
            else:
                name, code = _next(running)
                del running[name]
            if code:
                failed, waiting = failed or (name, code), []
                continue
            done.add(name)
            yield name
    except KeyboardInterrupt:
        _end(list(running.values()))
        raise
    finally:
        for process in running.values():
            process.wait()
    if failed is not None:
        raise FailedError(*failed)


def _next(running: Mapping[str, subprocess.Popen[bytes]]) -> tuple[str, int]:
    if not running:
        raise ValueError("needs: expected names that come earlier, found others")
    while True:
        for name, process in running.items():
            if process.poll() is not None:
                return name, process.returncode
        time.sleep(_LOOK_SECONDS)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGINT)  # a terminal signals them too, other senders do not
    deadline = time.monotonic() + _GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except (subprocess.TimeoutExpired, KeyboardInterrupt):  # a second Ctrl-C
            process.kill()
            process.wait()
