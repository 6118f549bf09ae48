from __future__ import annotations

from pathlib import Path

import pytest

from edgebin.machine.activity.processor import ProcessorTime, processor_time, watch
from machine_trees import write

BEFORE = """\
cpu  1000 200 300 8000 50 10 40 30 500 0
cpu0 500 100 150 4000 25 5 20 15 250 0
cpu1 500 100 150 4000 25 5 20 15 250 0
intr 12345
"""
AFTER = BEFORE.replace("cpu  1000 200 300 8000 50 10 40 30", "cpu  1150 200 320 8020 60 10 40 50")


def test_seconds_between_two_moments(tmp_path: Path) -> None:
    write(tmp_path / "proc/stat", BEFORE)
    before = processor_time(tmp_path)
    assert before == ProcessorTime(cores=2, busy=15.5, idle=80.5, steal=0.3)
    write(tmp_path / "proc/stat", AFTER)
    after = processor_time(tmp_path)
    assert after is not None
    passed = after.since(before)
    assert passed.cores == 2
    assert (passed.busy, passed.idle, passed.steal) == pytest.approx((1.7, 0.3, 0.2))
    assert before.since(after) == ProcessorTime(2, 0.0, 0.0, 0.0), "counters may be set back"


def test_an_old_kernel_counts_no_steal(tmp_path: Path) -> None:
    write(tmp_path / "proc/stat", "cpu  10 0 10 80 0\ncpu0 10 0 10 80 0\n")
    assert processor_time(tmp_path) == ProcessorTime(1, 0.2, 0.8, 0.0)


@pytest.mark.parametrize(
    "content", ["", "cpu\n", "cpu  1 2 x 4 5 6 7 8\ncpu0 1\n", "cpu  1 2 3 4 5\n"]
)
def test_garbage_is_unknown(content: str, tmp_path: Path) -> None:
    assert processor_time(tmp_path) is None
    write(tmp_path / "proc/stat", content)
    assert processor_time(tmp_path) is None


def test_watching_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "proc/stat", BEFORE)
    monkeypatch.setattr(
        "edgebin.machine.activity.processor.time.sleep",
        lambda _seconds: write(tmp_path / "proc/stat", AFTER),
    )
    use = watch(tmp_path, 1.1)
    assert use is not None
    assert (use.cores, use.seconds) == (2, 1.1)
    assert (use.busy_cores, use.steal_share) == pytest.approx((2 * 1.7 / 2.2, 0.2 / 2.2))
    assert watch(tmp_path, 0.0) is None, "nothing has passed"
    assert watch(tmp_path / "none", 0.0) is None
