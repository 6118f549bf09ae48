"""Files are whole or not there, on a full disk, in a read-only folder and beside other writers."""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

import result_files
from edgebin.errors import CheckpointError, EdgebinError, ModelFileError, OptionError
from edgebin.files.atomic_write import remove_unfinished, write_whole
from edgebin.graph.format import write
from edgebin.train.checkpoint.checkpoint import save_checkpoint
from edgebin.train.data.source import DataSet
from edgebin.train.log import log
from edgebin.train.recipe.recipe import Recipe, parse_recipe
from edgebin.train.state import as_checkpoint, fresh_state
from graphs.small_networks import binary_network

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOBODY = 65534


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(".edgebin-*"))


def write_text(text: bytes) -> Callable[[IO[bytes]], object]:
    return lambda file: file.write(text)


def test_what_killed_processes_left_is_removed(tmp_path: Path) -> None:
    for name in (".edgebin-0123.tmp", ".edgebin-run-17-1-2.tmp"):
        (tmp_path / name).write_bytes(b"half of")
    kept = [tmp_path / ".edgebin-notes", tmp_path / "edgebin-1.tmp", tmp_path / ".edgebin-d.tmp"]
    kept[0].touch()
    kept[1].touch()
    kept[2].mkdir()
    os.mkfifo(tmp_path / ".edgebin-pipe.tmp")  # opening it for writing must not wait
    write_whole(tmp_path / "a", write_text(b"whole"))
    assert (tmp_path / "a").read_bytes() == b"whole"
    assert all(path.exists() for path in kept)
    assert not list(tmp_path.glob(".edgebin-[0r]*"))


def test_a_read_only_leftover_is_removed_by_one_who_is_not_root(folder: Path) -> None:
    leftover = folder / ".edgebin-0123.tmp"
    leftover.write_bytes(b"half of")
    leftover.chmod(0o440)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, -1)
        os.chown(leftover, NOBODY, -1)
    with nobody():
        write_whole(folder / "a", write_text(b"whole"))
    assert [path.name for path in folder.iterdir()] == ["a"]


def test_what_another_writes_is_left_alone(tmp_path: Path) -> None:
    def write_between(file: IO[bytes]) -> None:
        write_whole(tmp_path / "b", write_text(b"second"))
        file.write(b"first")

    write_whole(tmp_path / "a", write_between)
    assert [(tmp_path / name).read_bytes() for name in "ab"] == [b"first", b"second"]
    assert not leftovers(tmp_path)


def test_a_file_that_was_taken_for_a_leftover_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = fcntl.flock
    calls = []

    def taken_first(file: IO[bytes], how: int) -> None:
        calls.append(how)
        if len(calls) == 1:  # between its making and its lock another process removes it
            Path(file.name).unlink()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", taken_first)
    write_whole(tmp_path / "a", write_text(b"whole"))
    assert (tmp_path / "a").read_bytes() == b"whole"
    assert len(calls) == 2


def test_a_process_that_ends_at_once_can_clean_up(tmp_path: Path) -> None:
    def half(_file: IO[bytes]) -> None:
        assert leftovers(tmp_path)
        remove_unfinished()
        assert not leftovers(tmp_path)

    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "a", half)
    assert not list(tmp_path.iterdir())


Writer = Callable[[Path], object]
Writers = dict[str, tuple[Writer, type[EdgebinError]]]


@pytest.fixture
def writers(recipe: Recipe, data: DataSet) -> Writers:
    """What writes each kind of file, and the error that says it could not."""
    import torch

    state = fresh_state(recipe, data, device=torch.device("cpu"))
    checkpoint = as_checkpoint(state, recipe, data)
    made: Writers = {
        "checkpoint": (lambda path: save_checkpoint(path, checkpoint), CheckpointError),
        "new log": (lambda path: log.start_log(path, {"a": "b" * 99_999}), CheckpointError),
        "cut log": (lambda path: log.cut_back(path, 1), CheckpointError),
        "model": (lambda path: write(binary_network(), path), ModelFileError),
        "result": (lambda path: result_files.write_result({"a": "b" * 99_999}, path), EdgebinError),
    }
    with contextlib.suppress(ImportError):
        from edgebin.cli.figures.style import write_figure

        def draw(figure: Figure) -> None:
            figure.subplots()

        def figure(path: Path) -> None:
            write_figure(path, (9.0, 9.0), draw, "--plot")

        __import__("matplotlib")
        made["figure"] = (figure, OptionError)
    return made


@pytest.fixture
def recipe() -> Recipe:
    table = {
        "network": {"name": "resnet20", "width": 0.15},
        "data": {"kind": "cifar10", "mean": [0.5] * 3, "std": [0.25] * 3},
        "optimizer": {"name": "sgd", "lr": 0.05},
        "schedule": {"epochs": 4, "batch_size": 8, "kind": "cosine"},
        "run": {},
    }
    return parse_recipe(table, source="tiny.toml")


@pytest.fixture
def data() -> DataSet:
    import torch

    from edgebin.graph.preprocessing import Preprocessing
    from edgebin.train.data.cifar10 import ImageTensor

    part = ImageTensor(torch.zeros(8, 3, 8, 8).byte(), torch.zeros(8).long(), pad=1, flip=True)
    half = (0.5, 0.5, 0.5)
    return DataSet(
        ("red", "green", "blue"), Preprocessing(half, half, 8, input_size=8), part, None, part
    )


@contextlib.contextmanager
def small_files(_: Path) -> Iterator[None]:
    """No file may grow beyond 500 bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def nobody() -> Iterator[None]:
    """Root is nobody for a while."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """The folder cannot be written, by root neither."""
    folder.chmod(0o555)
    try:
        with nobody():
            yield
    finally:
        folder.chmod(0o755)


@contextlib.contextmanager
def full(folder: Path) -> Iterator[None]:
    """All that the file system had left is taken."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(512))
    yield


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that nobody can reach too."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def disk(folder: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None or os.geteuid() != 0:
        pytest.skip("needs to mount a disk")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=False)
    if made.returncode != 0:
        pytest.skip("may not mount a disk here")
    yield folder
    subprocess.run([umount, folder], check=True)


KINDS = ("checkpoint", "new log", "cut log", "model", "result", "figure")
OLD = b'{"event": "header"}\n' + b'{"event": "epoch", "epoch": 1, "a": "%s"}\n' % (b"x" * 3000)


def refused(
    folder: Path,
    kind: str,
    writers: Writers,
    trouble: Callable[[Path], contextlib.AbstractContextManager[None]],
    reason: str,
) -> None:
    if kind not in writers:
        pytest.skip("matplotlib is not installed")
    write_it, error = writers[kind]
    path = folder / "old.svg"
    path.write_bytes(OLD)
    with trouble(folder), pytest.raises(error) as caught:
        write_it(path)
    assert reason in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert path.read_bytes() == OLD
    assert not leftovers(folder)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_grows_too_large_leaves_the_old_one(
    folder: Path, kind: str, writers: Writers
) -> None:
    refused(folder, kind, writers, small_files, "File too large")


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_leaves_the_old_file(disk: Path, kind: str, writers: Writers) -> None:
    refused(disk, kind, writers, full, "No space left on device")


@pytest.mark.parametrize("kind", KINDS)
def test_a_read_only_folder_leaves_the_old_file(folder: Path, kind: str, writers: Writers) -> None:
    refused(folder, kind, writers, read_only, "Permission denied")


def test_a_line_that_finds_no_room_is_cut_from_the_log(folder: Path) -> None:
    path = folder / "log.jsonl"
    log.start_log(path, {"a": 1})
    log.append(path, "epoch", {"epoch": 1})
    before = path.read_bytes()
    with small_files(folder), pytest.raises(CheckpointError, match="File too large"):
        log.append(path, "epoch", {"epoch": 2, "a": "b" * 5000})
    assert path.read_bytes().startswith(before)
    log.cut_back(path, 1)
    assert path.read_bytes() == before
