from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from edgebin.machine.files import core_list, entries, line, number, numbered, scaled, strings, whole


def test_a_line_has_no_nul_and_no_white_space(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_bytes(b" Raspberry Pi 5\0\nsecond")
    assert line(path) == "Raspberry Pi 5"
    path.write_bytes(b"\0\0")
    assert line(path) is None
    path.write_bytes(b"\xff\xfe")
    assert line(path) == "\ufffd\ufffd"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/sys is Linux's")
def test_files_of_proc_sys_are_read() -> None:
    """The kernel refuses to read any of them in one large piece."""
    assert line(Path("/proc/sys/kernel/osrelease")) == platform.release()


def test_a_long_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text("processor: 0\n" * 20_000)
    assert len(entries(path)) == 20_000


def test_what_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path in (tmp_path, tmp_path / "none", loop, loop / "below"):
        assert line(path) is None
        assert number(path) is None
        assert scaled(path, 0.5) is None
        assert strings(path) == ()
        assert entries(path) == []
    assert numbered(loop, "cpu") == numbered(tmp_path / "none", "cpu") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12", 12), ("-256000", -256000), ("0", 0)]
    + [(text, None) for text in ("", "1.5", "1_0", "0x10", "²", "٣", "9" * 5000, "12 kB", "nan")],
)
def test_whole_numbers(text: str, expected: int | None) -> None:
    assert whole(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0-3", (0, 1, 2, 3)),
        ("0-1,4", (0, 1, 4)),
        ("4 5", (4, 5)),
        ("3", (3,)),
        *((text, ()) for text in ("", "a-b", "3-1", "-1", "0-99999999999", "1-2-3")),
    ],
)
def test_lists_of_cores(text: str, expected: tuple[int, ...]) -> None:
    assert core_list(text) == expected
    assert core_list(None) == ()


def test_numbered_entries_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("cpu10", "cpu9", "cpufreq", "cpu", "acpu1"):
        (tmp_path / name).mkdir()
    assert numbered(tmp_path, "cpu") == [(9, tmp_path / "cpu9"), (10, tmp_path / "cpu10")]
