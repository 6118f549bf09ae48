from __future__ import annotations

import resource
from pathlib import Path

from edgebin.machine.activity.process import (
    ProcessTime,
    cores_in_use,
    process_time,
    resident_memory,
)
from machine_trees import write


def test_the_wait_of_all_threads_is_summed(tmp_path: Path) -> None:
    write(tmp_path / "proc/self/task/4194303/schedstat", "100 1500000000 3\n")
    write(tmp_path / "proc/self/task/17/schedstat", "100 500000000 3\n")
    write(tmp_path / "proc/self/task/18/schedstat", "gone\n")
    found = process_time(tmp_path)
    assert found.waited_seconds == 2.0
    assert found.cpu_seconds > 0
    assert process_time(tmp_path / "none").waited_seconds is None


def test_what_was_counted_since() -> None:
    before, after = ProcessTime(1.0, 5, 7, 0.5), ProcessTime(3.0, 6, 10, 0.25)
    assert after.since(before) == ProcessTime(2.0, 1, 3, 0.0), "a thread that ended waited too"
    assert after.since(ProcessTime(1.0, 5, 7, None)).waited_seconds is None


def test_resident_memory_is_in_bytes(tmp_path: Path) -> None:
    write(tmp_path / "proc/self/statm", "2000 300 200 1 0 100 0\n")
    assert resident_memory(tmp_path) == 300 * resource.getpagesize()
    write(tmp_path / "proc/self/statm", "2000\n")
    assert resident_memory(tmp_path) is None
    assert resident_memory(tmp_path / "none") is None


def test_the_cores_of_threads_that_run(tmp_path: Path) -> None:
    def stat(name: str, state: str, core: str) -> str:
        return f"7 ({name}) {state} " + "0 " * 35 + f"{core} 0 0\n"

    task = tmp_path / "proc/self/task"
    write(task / "7/stat", stat("a) R 9 (", "R", "3"))
    write(task / "8/stat", stat("pool", "S", "1"))
    write(task / "9/stat", stat("pool", "R", "0"))
    write(task / "10/stat", stat("pool", "R", "x"))
    write(task / "11/stat", "11 (short) R 0\n")
    assert cores_in_use(tmp_path) == {0, 3}
    assert cores_in_use(tmp_path, without_thread=7) == {0}
    assert cores_in_use(tmp_path / "none") == frozenset()
