from __future__ import annotations

from pathlib import Path

import pytest

from edgebin.machine.activity.load_average import LoadAverage, load_average
from machine_trees import write


def test_three_averages_are_read(tmp_path: Path) -> None:
    write(tmp_path / "proc/loadavg", "16.04 9.37 4.00 17/130 28576\n")
    assert load_average(tmp_path) == LoadAverage(16.04, 9.37, 4.0)


@pytest.mark.parametrize("content", ["", "1.0 2.0\n", "nan inf 1.0 1/2 3\n", "-1.0 1.0 1.0 1/2 3"])
def test_garbage_is_unknown(content: str, tmp_path: Path) -> None:
    assert load_average(tmp_path) is None
    write(tmp_path / "proc/loadavg", content)
    assert load_average(tmp_path) is None
