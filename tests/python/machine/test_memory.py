from __future__ import annotations

from pathlib import Path

from edgebin.machine.memory import Memory, memory, peak_memory
from machine_trees import plant, write


def test_memory_is_in_bytes(tmp_path: Path) -> None:
    plant("raspberry-pi-zero-2-w", tmp_path)
    expected = (426376 * 1024, 74128 * 1024, 102396 * 1024, 80120 * 1024)
    assert memory(tmp_path) == Memory(*expected)


def test_what_is_missing_is_unknown(tmp_path: Path) -> None:
    assert memory(tmp_path) == Memory(None, None, None, None)
    write(tmp_path / "proc/meminfo", "MemTotal: lots\nMemAvailable: -5 kB\nSwapTotal: 0 kB\n")
    assert memory(tmp_path) == Memory(None, None, 0, None)


def test_peak_of_this_process(tmp_path: Path) -> None:
    write(tmp_path / "proc/self/status", "Name:\tpython\nVmHWM:\t   2048 kB\n")
    assert peak_memory(tmp_path) == 2048 * 1024
    write(tmp_path / "proc/self/status", "VmHWM:\n")
    assert peak_memory(tmp_path) is None
    assert peak_memory(tmp_path / "none") is None
