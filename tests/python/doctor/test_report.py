"""The doctor never fails, whatever lies in the files that it reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgebin.cli.doctor import document
from edgebin.cli.reports.doctor import lines
from edgebin.doctor import Report, advise, examine
from edgebin.machine.process import Process, this_process
from machine_trees import NAMES, plant

GARBAGE = {
    "nothing": b"",
    "NUL": b"\0" * 9,
    "line breaks": b"\n\n\r\n",
    "no text": bytes(range(128, 256)),
    "a large number": b"9" * 5000,
    "a negative number": b"-1",
    "digits of other scripts": "²٣".encode(),
    "colons": b":::\n: 5\nprocessor:\nprocessor: 99999999\nMemTotal: kB\nCPU part: 0x\n",
    "no finite number": b"nan inf 1e999",
}


def told(root: Path, process: Process) -> Report:
    """Examine, advise, and write both as JSON and in words."""
    report = examine(root, process=process, environment={})
    json.dumps(document(report, advise(report)), allow_nan=False)
    assert all(text for _, text in lines(report))
    return report


def damage(root: Path, harm: Callable[[Path], object]) -> None:
    for path in [path for path in root.rglob("*") if path.is_file()]:
        harm(path)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("garbage", GARBAGE)
def test_files_of_garbage(name: str, garbage: str, tmp_path: Path) -> None:
    process = plant(name, tmp_path)
    damage(tmp_path, lambda path: path.write_bytes(GARBAGE[garbage]))
    report = told(tmp_path, process)
    assert report.power_mode is None
    assert report.throttling.firmware is None


@pytest.mark.parametrize("name", NAMES)
def test_files_that_cannot_be_read(name: str, tmp_path: Path) -> None:
    process = plant(name, tmp_path)
    seen = told(tmp_path, process)

    def make_folder(path: Path) -> None:
        path.unlink()
        path.mkdir()

    damage(tmp_path, make_folder)  # root may read any file, but nobody reads a folder as one
    blind = told(tmp_path, process)
    empty = told(tmp_path / "none", process)
    assert blind.memory == empty.memory != seen.memory
    assert blind.board == empty.board != seen.board
    assert blind.cores == empty.cores != seen.cores


@pytest.mark.parametrize("name", NAMES)
def test_folders_that_are_files(name: str, tmp_path: Path) -> None:
    process = plant(name, tmp_path / "root")
    for folder in ("proc", "sys/class/thermal", "sys/devices/system/cpu", "sys/devices"):
        (tmp_path / "other" / folder).parent.mkdir(parents=True, exist_ok=True)
        if not (tmp_path / "other" / folder).exists():
            (tmp_path / "other" / folder).write_text("no folder\n")
    told(tmp_path / "other", process)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_may_be_missing(name: str, tmp_path: Path) -> None:
    process = plant(name, tmp_path)
    for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
        content, mode = path.read_bytes(), path.stat().st_mode
        path.unlink()
        told(tmp_path, process)
        path.write_bytes(content)
        path.chmod(mode)


@given(content=st.binary(max_size=40))
def test_any_content(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("machine")
    process = plant("jetson-orin-nano", root)
    damage(root, lambda path: path.write_bytes(content))
    told(root, process)


def test_an_empty_machine_is_unknown(tmp_path: Path) -> None:
    report = told(tmp_path, Process("riscv64", 64, 2, "3.12.1"))
    unknown = {label for label, text in lines(report) if text == "unknown"}
    assert unknown == {"board", "vectors", "clock", "heat", "supply", "load"} | {"cores"}


def test_this_machine() -> None:
    told(Path("/"), this_process())
