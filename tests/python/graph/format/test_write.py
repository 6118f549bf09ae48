"""`write` puts a whole file in place or leaves everything as it was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from edgebin.errors import ModelFileError
from edgebin.graph.format import encode, write
from edgebin.graph.ir import Graph, Network
from edgebin.graph.preprocessing import Preprocessing
from graphs.sketch import Sketch, network


def small() -> Network:
    sketch = Sketch((2, 2, 1))
    return network(sketch.graph(sketch.reals(np.random.default_rng(0))))


def no_space(*_: object) -> NoReturn:
    raise OSError(28, "No space left on device")


def interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "model.ebn"
    path.write_bytes(b"old")
    return path


def assert_untouched(path: Path) -> None:
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_replaces_the_old_file(old: Path) -> None:
    write(small(), old)
    assert old.read_bytes() == encode(small())
    assert [entry.name for entry in old.parent.iterdir()] == [old.name]


def test_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    write(small(), tmp_path / "model.ebn")
    (tmp_path / "other").touch()
    assert (tmp_path / "model.ebn").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.parametrize(
    ("owner", "step"), [(os, "fsync"), (Path, "replace")], ids=["fsync", "replace"]
)
def test_failure_leaves_the_old_file(
    old: Path, monkeypatch: pytest.MonkeyPatch, owner: object, step: str
) -> None:
    monkeypatch.setattr(owner, step, no_space)
    with pytest.raises(ModelFileError) as refused:
        write(small(), old)
    assert str(refused.value) == f"{old}: cannot be written: No space left on device"
    assert_untouched(old)


def test_interruption_leaves_the_old_file(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(small(), old)
    assert_untouched(old)


def test_impossible_network_writes_nothing(old: Path) -> None:
    wrong = Network("wrong", Graph.of_image("x", (2, 2, 1), (), ("x",)), Preprocessing((0,), (1,)))
    with pytest.raises(ModelFileError, match='output "x" is f32, found u8 2x2x1'):
        write(wrong, old)
    assert_untouched(old)


def test_a_replaced_file_keeps_its_permissions(old: Path) -> None:
    old.chmod(0o640)
    write(small(), old)
    assert old.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(old: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.ebn"
    link.symlink_to(old)
    write(small(), link)
    assert link.is_symlink()
    assert old.read_bytes() == encode(small())


def test_a_loop_of_links_is_replaced(tmp_path: Path) -> None:
    loop = tmp_path / "loop.ebn"
    loop.symlink_to(loop)
    write(small(), loop)
    assert loop.read_bytes() == encode(small())


def test_a_device_is_left_alone(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ModelFileError, match="a folder or a device stands there"):
        write(small(), pipe)
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_unwritable_places_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "model.ebn", tmp_path):
        with pytest.raises(ModelFileError, match=f"^{path}: cannot be written: "):
            write(small(), path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("says", "message"),
    [
        (Preprocessing.unchecked((0, 0), (1,)), "mean has 2 values, input has 1 channels"),
        (Preprocessing.unchecked((0,), ()), "scale has 0 values, input has 1 channels"),
        (Preprocessing.unchecked((0,), (1,), resize=-1), "resize is 0 to 16777216, found -1"),
        (Preprocessing.unchecked((0,), (1,), filter="box"), "filter is nearest, .* found 'box'"),  # type: ignore[arg-type]
        (Preprocessing.unchecked((0,), (1,), colour="cmyk"), "colour is rgb, .* found 'cmyk'"),  # type: ignore[arg-type]
    ],
)
def test_preprocessing_is_checked(says: Preprocessing, message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        encode(Network("small", small().graph, says))
