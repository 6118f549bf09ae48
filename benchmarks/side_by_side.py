"""Runs commands that need each other's results, as many at a time as wanted.

Each begins when all that it needs have ended well. It refuses to begin another after a failure or a
Ctrl-C: what runs then is waited for after a failure, whoever's, and ended after a Ctrl-C.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence

_LOOK_SECONDS = 0.05
_GRACE_SECONDS = 5.0  # in which an interrupted command may end by itself

# Begins what has that name; None where there is nothing left to do.
Start = Callable[[str], "subprocess.Popen[bytes] | None"]


class FailedError(Exception):
    """A command failed; its name and exit code are the arguments."""


def ended(needs: Mapping[str, Sequence[str]], start: Start, jobs: int) -> Generator[str]:
    """Names as their commands end, all of them well.

    Args:
        needs: what each name needs, names again, which come before it.
        start: called once for each name, in an order in which needs are met.
        jobs: commands at a time.

    Raises:
        FailedError: one ended with another code than 0; those beside it have ended as well, as they
            have after an exception of start's.
        KeyboardInterrupt: as it came; no command runs any more.
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
        raise ValueError("needs: expected names that come before, found others")
    while True:
        for name, process in running.items():
            if process.poll() is not None:
                return name, process.returncode
        time.sleep(_LOOK_SECONDS)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGINT)  # a terminal tells them too, other senders do not
    deadline = time.monotonic() + _GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except (subprocess.TimeoutExpired, KeyboardInterrupt):  # perhaps a second Ctrl-C
            process.kill()
            process.wait()
