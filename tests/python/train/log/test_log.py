"""The log: where resuming cuts it, and one clear line when it cannot be written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgebin.errors import CheckpointError
from edgebin.train.log import log

KEPT = b'{"event": "header", "seed": 3}\n{"event": "epoch", "epoch": 1}\n'
AFTER = b'{"event": "epoch", "epoch": 2}\n'


@pytest.mark.parametrize(
    "line",
    [
        b"3\n",
        b"[]\n",
        b"null\n",
        b'{"a": 1}\n',
        b'{"event": 3}\n',
        b'{"event": "epoch", "epoch": "x"}\n',
        b'{"event": "epoch", "epoch": null}\n',
        b'{"event": "epoch", "epoch": true}\n',
        b'{"event": "epoch", "epoch": 3}\n',
        b'{"event": "epoch", "epoch": -1}\n',
        b'{"event": "end", "epoch": 2}\n',
        b'{"event": "\xff"}\n',
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"eve',
        b"\n",
    ],
)
def test_the_log_is_cut_at_the_first_line_that_is_not_its_own(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(KEPT + line + AFTER)
    log.cut_back(path, 2)
    assert path.read_bytes() == KEPT


def test_a_half_written_last_line_goes_and_a_whole_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(KEPT + AFTER[:-1])
    log.cut_back(path, 2)
    assert path.read_bytes() == KEPT
    path.write_bytes(KEPT + AFTER)
    log.cut_back(path, 2)
    assert path.read_bytes() == KEPT + AFTER


def test_no_log_is_no_error(tmp_path: Path) -> None:
    log.cut_back(tmp_path / "log.jsonl", 2)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "change",
    [
        lambda path: log.start_log(path, {}),
        lambda path: log.append(path, "epoch", {}),
        lambda path: log.cut_back(path, 2),
    ],
)
def test_a_log_that_is_a_folder_is_one_line(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = tmp_path / "log.jsonl"
    path.mkdir()
    with pytest.raises(CheckpointError, match=r"log\.jsonl: cannot write the log: ") as caught:
        change(path)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.symlink_to("/dev/full")
    with pytest.raises(CheckpointError, match=r"log\.jsonl: cannot write the log: .*No space left"):
        log.append(path, "epoch", {})
