"""Commands in parallel: dependencies first, no more at a time than wanted, none left running."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import pytest

from parallel import FailedError, completed

NEEDS: Mapping[str, Sequence[str]] = {"a": (), "b": (), "c": ("a", "b"), "d": ("a",), "e": ("c",)}


class Starter:
    """Starts Python programs and watches them."""

    def __init__(self, programs: Mapping[str, str | None]) -> None:
        """Programs by name; None for what is done already."""
        self.programs = programs
        self.begun: list[str] = []
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.most = 0

    def __call__(self, name: str) -> subprocess.Popen[bytes] | None:
        """See `parallel.Start`."""
        self.begun.append(name)
        program = self.programs.get(name, "pass")
        if program is None:
            return None
        self.processes[name] = subprocess.Popen([sys.executable, "-S", "-c", program])
        alive = sum(process.poll() is None for process in self.processes.values())
        self.most = max(self.most, alive)
        return self.processes[name]


@pytest.mark.parametrize("jobs", [1, 2, 9])
def test_needs_end_before_what_needs_them_begins(jobs: int) -> None:
    start = Starter(dict.fromkeys(NEEDS, "import time; time.sleep(0.1)"))
    order: list[str] = []
    for name in completed(NEEDS, start, jobs):
        order.append(name)
        # What needs it has not begun before.
        assert not [other for other in start.begun if name in NEEDS[other]]
    assert sorted(order) == sorted(start.begun) == sorted(NEEDS)
    assert start.most <= jobs
    if jobs == 1:
        assert order == start.begun == ["a", "b", "c", "d", "e"]
    else:
        assert start.most >= 2


def test_what_is_done_is_not_run() -> None:
    start = Starter({"a": None, "c": None})
    assert sorted(completed(NEEDS, start, 2)) == sorted(NEEDS)
    assert sorted(start.processes) == ["b", "d", "e"]


def test_after_a_failure_nothing_begins_and_the_others_end_in_peace() -> None:
    start = Starter({"a": "import time; time.sleep(0.4)", "b": "import sys; sys.exit(3)"})
    seen: list[str] = []
    with pytest.raises(FailedError) as caught:
        seen.extend(completed(NEEDS, start, 2))
    assert caught.value.args == ("b", 3)
    assert start.begun == ["a", "b"]
    assert start.processes["a"].returncode == 0


def test_an_error_of_ours_lets_the_others_end() -> None:
    start = Starter({"a": "import time; time.sleep(0.4)"})

    def failing(name: str) -> subprocess.Popen[bytes] | None:
        if name == "b":
            raise OSError("no room")
        return start(name)

    with pytest.raises(OSError, match="no room"):
        list(completed(NEEDS, failing, 2))
    assert start.processes["a"].returncode == 0


def test_needs_that_never_end_are_named() -> None:
    with pytest.raises(ValueError, match="expected names that come earlier"):
        list(completed({"a": ["b"]}, Starter({}), 1))


def test_an_interruption_leaves_nothing_running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parallel._GRACE_SECONDS", 0.1)
    ignore = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(60)"
    start = Starter({"a": ignore, "b": None})
    names = completed(NEEDS, start, 2)
    assert next(names) == "b"

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("parallel.time.sleep", interrupted)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        next(names)
    assert start.processes["a"].returncode not in (None, 0)
    assert time.monotonic() - started < 30
