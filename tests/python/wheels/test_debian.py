from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import debian
from command import WheelError
from debian import unpack


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="needs apt-get")
def test_a_package_that_cannot_be_had_leaves_no_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a mirror in a folder that holds nothing, so that no network is asked."""
    (tmp_path / "keyring").touch()
    monkeypatch.setattr(debian, "_KEYRING", tmp_path / "keyring")
    monkeypatch.setattr(debian, "MIRROR", f"file:{tmp_path}/mirror")
    tree = tmp_path / "tree"
    with pytest.raises(WheelError, match=r"^apt-get: expected to end with code 0"):
        unpack(["moon"], release="none", architecture="arm64", folder=tree, log=tmp_path / "log")
    assert not tree.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keyring", "log"]


def test_a_finished_tree_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise subprocess.SubprocessError("nothing is to be run")

    monkeypatch.setattr(debian, "run", fail)
    (tmp_path / ".packages").write_text("bookworm arm64 a b")
    log = tmp_path / "log"
    tree = unpack(["a", "b"], release="bookworm", architecture="arm64", folder=tmp_path, log=log)
    assert tree == tmp_path


def test_without_debians_keyring_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "_KEYRING", tmp_path / "none.gpg")
    with pytest.raises(WheelError, match=r"none\.gpg: expected Debian's keyring, found none"):
        unpack(["a"], release="r", architecture="a", folder=tmp_path / "t", log=tmp_path / "log")
